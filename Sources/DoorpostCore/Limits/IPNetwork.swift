/// A network of IP addresses: `10.0.0.0/8`, `::1`.
package struct IPNetwork: Hashable, Sendable {
    private let base: IPAddress
    private let bits: Int

    /// - Returns: nil if the text is neither an address nor a network.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first.flatMap({ IPAddress(String($0)) }) else { return nil }
        base = address
        guard parts.count == 2 else {
            bits = address.bitCount
            return
        }
        guard let bits = Int(parts[1]), (0...address.bitCount).contains(bits) else { return nil }
        self.bits = bits
    }

    /// Whether an address, written in numbers, lies in the network.
    package func contains(_ text: String) -> Bool {
        guard let address = IPAddress(text) else { return false }
        return address.bitCount == base.bitCount && address.hasPrefix(of: base, bits: bits)
    }
}
