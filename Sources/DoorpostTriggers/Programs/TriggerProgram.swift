/// A program of the administrator's, as the configuration names it.
package struct TriggerProgram: Hashable, Sendable {
    /// The program's absolute path, and its arguments.
    package var command: [String]
    /// All that its environment holds.
    package var environment: [String: String]
    /// How many are kept running; 0 starts one for each event.
    package var runners: Int

    package init(command: [String], environment: [String: String] = [:], runners: Int = 0) {
        precondition(command.first?.hasPrefix("/") == true, "a program has an absolute path")
        self.command = command
        self.environment = environment
        self.runners = runners
    }

    /// The file of the program.
    package var path: String { command[0] }
}
