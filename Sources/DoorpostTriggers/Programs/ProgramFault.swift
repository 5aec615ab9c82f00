/// Why a program gave no answer to an event.
enum ProgramFault: Error, Hashable, Sendable {
    /// Its file is not to be trusted, or the system would not start it.
    case notStarted(String)
    /// It did not answer in time, and was killed.
    case hung
    /// As many events wait for it already as it can answer in time.
    case busy
    /// It died by a signal.
    case killed(signal: Int32)
    /// It ended with an exit status, and without an answer that counts.
    case exited(status: Int32)
    /// It wrote more than an answer may hold.
    case flooded
    /// What it wrote is no answer to this event.
    case nonsense(String)
    /// Nobody waits for the answer any more.
    case cancelled
}
