/// What one event may cost.
package struct ProgramLimits: Hashable, Sendable {
    /// How long a program may take from the event to its answer, its start included.
    package var time = Duration.seconds(5)
    /// How long an event waits for a program to become free.
    package var patience = Duration.seconds(2)
    /// How long a kept program may take to end when it is not needed any more.
    package var farewell = Duration.seconds(2)
    /// Bytes of an answer.
    package var answer = 64 * 1024
    /// Bytes of standard error that go to the log.
    package var noise = 4 * 1024
    /// Programs that run at a time, where one is started for each event.
    package var atOnce = 16
    /// Events that wait for a program.
    package var waiting = 512

    package init() {}
}
