import DoorpostCore
import DoorpostSetup

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Points in time as people type them.
enum TimeText {
    /// `2h` (ago), `2026-11-21`, `2026-11-21T08:00:00Z`.
    static func read(_ text: String, now: Timestamp) throws -> Timestamp {
        if let span = SpanText.read(text) { return now - span }
        let full = text.count == 10 ? "\(text)T00:00:00Z" : text
        guard let date = try? Date(full, strategy: .iso8601) else {
            throw CommandFailure.usage(
                "'\(VisibleText.escape(text, limit: 40))' is not a time (write 30m, 2h or 7d for "
                    + "so long ago, or 2026-11-21T08:00:00Z)")
        }
        return Timestamp(seconds: Int64(date.timeIntervalSince1970))
    }
}
