import DoorpostCore
import DoorpostHTTP
import DoorpostTesting
import Logging
import Synchronization

/// Keeps the log for a test to read.
final class LogLines: Sendable {
    private let kept = Mutex<[String]>([])

    var lines: [String] { kept.withLock { $0 } }

    func logger(
        _ format: LogFormat = .text, clock: any DoorpostCore.Clock = ManualClock()
    ) -> Logger {
        Logger(label: "test") { _ in
            var handler = LineLogHandler(format, clock: clock) { line in
                self.kept.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
            }
            handler.logLevel = .debug
            return handler
        }
    }
}
