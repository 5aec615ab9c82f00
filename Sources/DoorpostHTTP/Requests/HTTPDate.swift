import DoorpostCore
import Glibc
import Synchronization

/// The `Date` of answers (RFC 9110 §6.6.1), written once a second.
final class HTTPDate: Sendable {
    private let last = Mutex<(second: Int64, text: String)>((.min, ""))

    func text(_ now: Timestamp) -> String {
        last.withLock { last in
            if last.second != now.seconds { last = (now.seconds, Self.write(now.seconds)) }
            return last.text
        }
    }

    /// `Sat, 21 Nov 2026 07:26:05 GMT`. Foundation's formatter would ask for a locale first.
    static func write(_ seconds: Int64) -> String {
        var time = time_t(seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        return "\(days[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)]) "
            + "\(parts.tm_year + 1900) \(two(parts.tm_hour)):\(two(parts.tm_min)):"
            + "\(two(parts.tm_sec)) GMT"
    }
}
