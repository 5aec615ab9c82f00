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
        var text = "\(parts.tm_year + 1900)"
        for (separator, number) in [
            ("-", parts.tm_mon + 1), ("-", parts.tm_mday), ("T", parts.tm_hour),
            (":", parts.tm_min), (":", parts.tm_sec),
        ] {
            text += separator
            if number < 10 { text += "0" }
            text += String(number)
        }
        isoText = text + "Z"
    }

    /// `2026-11-21 07:26`
    package var minuteText: String { "\(isoText.prefix(10)) \(clockText)" }

    /// `07:26`
    package var clockText: String { String(isoText.dropFirst(11).prefix(5)) }
}
