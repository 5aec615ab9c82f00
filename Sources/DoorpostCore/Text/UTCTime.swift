#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A time as people read it, in UTC whatever the machine's time zone is.
///
/// By the C library: Foundation's formatter first builds calendars, which a login waits for.
package struct UTCTime {
    /// `2026-11-21T07:26:05Z`
    package let isoText: String

    package init(_ time: Timestamp) {
        var seconds = time_t(time.seconds)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let date = "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
        let clock = "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
        isoText = "\(date)T\(clock)Z"
    }

    /// `2026-11-21 07:26`
    package var minuteText: String { "\(isoText.prefix(10)) \(clockText)" }

    /// `07:26`
    package var clockText: String { String(isoText.dropFirst(11).prefix(5)) }
}
