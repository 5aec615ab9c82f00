package import DoorpostCore

/// Rates as the configuration writes them: `5/h`, `20/d`, `3/10m`.
package enum RateText {
    /// Writes a rate.
    package static func write(_ rate: Rate) -> String {
        let window = SpanText.write(rate.window)
        let isOne = window.count == 2 && window.hasPrefix("1")
        return "\(rate.count)/\(isOne ? window.dropFirst() : window[...])"
    }

    static func parse(_ text: String) throws(ValueError) -> Rate {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let count = CountText.read(parts[0]),
            let window = SpanText.read(String(parts[1])) ?? SpanText.read("1\(parts[1])")
        else { throw ValueError("is not a rate (write 5/h, 20/d or 3/10m)") }
        guard (1...1_000_000).contains(count) else {
            throw ValueError("must allow between 1 and 1000000 events")
        }
        // The store forgets events after a day.
        guard (.seconds(1) ... .days(1)).contains(window) else {
            throw ValueError("must be counted over a second to a day")
        }
        return Rate(count, per: window)
    }
}
