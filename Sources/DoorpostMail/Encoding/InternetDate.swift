import Glibc

/// The `Date` header's form of a time: `Sat, 21 Nov 2026 07:30:06 +0000`, always UTC.
enum InternetDate {
    /// Returns nil for a year that RFC 5322 cannot write (before 1900, after 9999).
    static func text(_ secondsSince1970: Int64) -> String? {
        var time = time_t(secondsSince1970)
        var parts = tm()
        guard gmtime_r(&time, &parts) != nil, (0...8099).contains(parts.tm_year) else { return nil }
        // Names are written out here: strftime would take them from the locale.
        let day = days[Int(parts.tm_wday)]
        let month = months[Int(parts.tm_mon)]
        let date = "\(day), \(two(parts.tm_mday)) \(month) \(parts.tm_year + 1900)"
        return "\(date) \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) +0000"
    }

    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func two(_ number: Int32) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}
