#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// An IPv4 or IPv6 address in network byte order.
struct IPAddress: Hashable {
    private let bytes: [UInt8]

    /// - Returns: nil if the text is not an address in numbers.
    init?(_ text: String) {
        // A zone (`fe80::1%eth0`) names a link of ours, not a place of theirs.
        let address = String(text.prefix { $0 != "%" })
        var v4 = in_addr()
        var v6 = in6_addr()
        if inet_pton(AF_INET, address, &v4) == 1 {
            bytes = withUnsafeBytes(of: &v4, Array.init)
        } else if inet_pton(AF_INET6, address, &v6) == 1 {
            let all = withUnsafeBytes(of: &v6, Array.init)
            let isMappedV4 = all[..<10].allSatisfy { $0 == 0 } && all[10] == 0xff && all[11] == 0xff
            bytes = isMappedV4 ? Array(all[12...]) : all
        } else {
            return nil
        }
    }

    /// 32 or 128.
    var bitCount: Int { bytes.count * 8 }

    /// Whether the first `bits` bits are those of `other`, which is of the same kind.
    func hasPrefix(of other: Self, bits: Int) -> Bool {
        let whole = bits / 8
        guard bytes[..<whole] == other.bytes[..<whole] else { return false }
        let rest = bits % 8
        guard rest > 0 else { return true }
        let mask = UInt8(truncatingIfNeeded: 0xff00 >> rest)
        return bytes[whole] & mask == other.bytes[whole] & mask
    }

    /// The address itself for IPv4 (/32), the network for IPv6 (/64).
    var networkKey: String {
        if bytes.count == 4 { return bytes.map { String($0) }.joined(separator: ".") }
        return bytes[..<8].map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined() + "/64"
    }
}
