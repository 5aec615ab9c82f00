package import DoorpostCore
import DoorpostTriggers
package import Glibc
import Synchronization

/// A program at a point of the flow, as an administrator looks at it.
package struct TriggerEntry: Sendable {
    package var point: TriggerPoint
    package var command: [String]
    /// How many are kept running; 0 is one for each event.
    package var runners: Int
    /// Why it would not be started; nil if it would.
    package var fault: FileError?
}

/// What came of an event that an administrator sent.
package struct TriggerReport: Sendable {
    /// JSON on one line.
    package var event: String
    /// JSON on one line; nil if there was none.
    package var answer: String?
    /// Why the answer would not do; nil if it would.
    package var error: TriggerError?
    package var took: Duration
    /// What the program said beside, escaped.
    package var standardError: [String]
    /// All of this as JSON.
    package var json: String
}

extension Configuration {
    /// What `triggers:` names, in the order of the documentation.
    ///
    /// - Parameter user: who will run the programs; nil is whoever asks.
    package func triggerEntries(for user: uid_t? = nil) -> [TriggerEntry] {
        TriggerPoint.allCases.compactMap { point in
            guard let program = triggers.programs[point] else { return nil }
            return TriggerEntry(
                point: point, command: program.command, runners: program.runners,
                fault: TrustedProgram.fault(at: program.path, for: user))
        }
    }

    /// What is wrong with the files of the programs, as a mistake of the configuration.
    package func checkTriggers() throws(ConfigurationError) {
        let problems = triggerEntries(for: try runAsAccount()?.uid).compactMap { entry in
            entry.fault.map {
                ConfigurationError.Problem(
                    "triggers.\(entry.point.rawValue): \(entry.command[0]): \($0.text)")
            }
        }
        if !problems.isEmpty { throw ConfigurationError(path: path, problems: problems) }
    }

    /// Runs a point's program for an event as it would be for this subject.
    ///
    /// - Returns: nil if nothing is set there.
    package func tryTrigger(_ point: TriggerPoint, for subject: TriggerSubject, groups: [String])
        async -> TriggerReport?
    {
        let lines = LogLines()
        guard triggers.programs[point] != nil, let programs = makeTriggers(log: lines.append) else {
            return nil
        }
        let trial = await programs.trial(of: point, for: subject, groups: groups)
        return TriggerReport(
            event: trial.event, answer: trial.answer, error: trial.error, took: trial.took,
            standardError: lines.all, json: trial.json(standardError: lines.all))
    }
}

/// Lines that programs write, on whatever thread.
private final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    @Sendable
    func append(_ line: String) { lines.withLock { $0.append(line) } }

    var all: [String] { lines.withLock { $0 } }
}
