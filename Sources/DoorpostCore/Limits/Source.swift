/// Where a sign-in comes from, as the host program told it.
package struct Source: Hashable, Sendable {
    /// The text as it came, cut to 255 bytes and with control characters made visible; "" at
    /// the console. For people to read; never a path, never a format.
    package let text: String
    /// Under which this source is limited, or nil if it is none that a stranger could not
    /// choose: the console, or a name instead of an address.
    package let limitKey: String?

    /// Nobody is remote: a console, or sudo on one.
    package static let local = Self(text: "", limitKey: nil)

    private init(text: String, limitKey: String?) {
        self.text = text
        self.limitKey = limitKey
    }

    /// Reads what PAM_RHOST or a connection says: an IPv4 address counts as itself, an IPv6
    /// address as its /64 (whoever has one address there has them all), anything else not at all.
    package init(_ told: String) {
        let text = VisibleText.escape(told, limit: 255)
        let limitKey = IPAddress(told).map { $0.networkKey }
        self.init(text: text, limitKey: limitKey)
    }
}
