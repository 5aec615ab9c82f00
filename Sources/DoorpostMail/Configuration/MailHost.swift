import Glibc

/// A relay's name or address, checked so that nothing in it can end the host part of a URL.
package struct MailHost: Hashable, Sendable, CustomStringConvertible {
    /// The name, the IPv4 address, or the IPv6 address without brackets; in lower case.
    package let text: String
    private let address: IPAddress?

    /// Takes a host name of letters, digits, hyphens and dots, or an IP address.
    package init?(_ text: String) {
        let text = text.lowercased()
        guard (1...253).contains(text.utf8.count) else { return nil }
        address = IPAddress(text)
        guard address != nil || Self.isName(text) else { return nil }
        self.text = text
    }

    /// The host as a URL wants it.
    var inURL: String { address?.isIPv6 == true ? "[\(text)]" : text }

    /// Whether mail to it never leaves this machine.
    package var isLoopback: Bool { address?.isLoopback ?? (text == "localhost") }

    package var description: String { text }

    private static func isName(_ text: String) -> Bool {
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        // A last label of digits only would be read as an odd form of an IPv4 address.
        return labels.last?.allSatisfy { (0x30...0x39).contains($0) } == false
            && labels.allSatisfy { label in
                (1...63).contains(label.count) && label.first != UInt8(ascii: "-")
                    && label.last != UInt8(ascii: "-")
                    && label.allSatisfy { byte in
                        (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte)
                            || byte == UInt8(ascii: "-")
                    }
            }
    }
}

/// An IPv4 or IPv6 address, as inet_pton(3) reads it: no short forms, no zone.
private struct IPAddress: Hashable {
    let isIPv6: Bool
    let isLoopback: Bool

    init?(_ text: String) {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            isIPv6 = false
            isLoopback = UInt32(bigEndian: four.s_addr) >> 24 == 127
        } else if inet_pton(AF_INET6, text, &six) == 1 {
            isIPv6 = true
            isLoopback = withUnsafeBytes(of: six) { bytes in
                bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
            }
        } else {
            return nil
        }
    }
}
