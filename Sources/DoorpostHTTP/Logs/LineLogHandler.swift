package import DoorpostCore
import Glibc
package import Logging

/// Writes the log to standard error, a line at a time.
package struct LineLogHandler: LogHandler {
    package var logLevel: Logger.Level = .info
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?

    private let format: LogFormat
    private let clock: any DoorpostCore.Clock
    private let write: @Sendable ([UInt8]) -> Void

    /// - Parameter write: takes one line; standard error unless a test says else.
    package init(
        _ format: LogFormat, clock: any DoorpostCore.Clock,
        write: @escaping @Sendable ([UInt8]) -> Void = standardError
    ) {
        self.format = format
        self.clock = clock
        self.write = write
    }

    /// For `LoggingSystem.bootstrap` and `Logger(label:factory:)`.
    package static func factory(
        _ format: LogFormat, level: Logger.Level = .info, clock: any DoorpostCore.Clock
    ) -> @Sendable (String) -> any LogHandler {
        { _ in
            var handler = LineLogHandler(format, clock: clock)
            handler.logLevel = level
            return handler
        }
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var values = metadata
        if let provided = metadataProvider?.get() { values.merge(provided) { $1 } }
        if let own = event.metadata { values.merge(own) { $1 } }
        if let error = event.error { values["error"] = "\(error)" }
        write(
            LogLine(
                time: clock.now, level: event.level.rawValue, message: "\(event.message)",
                values: values.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
            ).bytes(format))
    }

    /// One `write(2)`, so that lines of several threads do not mix. Nobody is told if it fails:
    /// there is no other place.
    package static let standardError: @Sendable ([UInt8]) -> Void = { line in
        _ = line.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
