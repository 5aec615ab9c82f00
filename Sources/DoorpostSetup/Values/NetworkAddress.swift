import Glibc

/// A host and a port: `127.0.0.1:8425`, `[::1]:8425`, `mail.example.org:587`.
package struct NetworkAddress: Hashable, Sendable {
    /// A name or an address in numbers, without brackets.
    package var host: String
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Whether it never leaves the machine.
    package var isLoopback: Bool {
        host == "localhost" || host == "::1" || (Self.isNumericV4(host) && host.hasPrefix("127."))
    }

    /// An address to listen on, `host:port`; nil if the text is none. Port 0 is any that is free.
    package init?(listening text: String) {
        self.init(text, defaultPort: nil, ports: 0...65535)
    }

    /// The parts of `host[:port]`; nil if either is not one.
    init?(_ text: some StringProtocol, defaultPort: Int?, ports: ClosedRange<Int> = 1...65535) {
        let text = String(text)
        var rest = text[...]
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = String(text[text.index(after: text.startIndex)..<end])
            rest = text[text.index(after: end)...]
            guard Self.isNumericV6(host), rest.isEmpty || rest.hasPrefix(":") else { return nil }
        } else {
            let end = text.firstIndex(of: ":") ?? text.endIndex
            host = String(text[..<end])
            rest = text[end...]
            guard Self.isName(host) else { return nil }
        }
        if rest.isEmpty {
            guard let defaultPort else { return nil }
            port = defaultPort
        } else {
            guard let number = CountText.read(rest.dropFirst()), ports.contains(number)
            else { return nil }
            port = number
        }
    }

    static func isNumericV4(_ text: String) -> Bool {
        var address = in_addr()
        return inet_pton(AF_INET, text, &address) == 1
    }

    static func isNumericV6(_ text: String) -> Bool {
        var address = in6_addr()
        return inet_pton(AF_INET6, text, &address) == 1
    }

    /// An IPv6 address as it is written shortest, and by browsers; nil if it is none.
    static func shortV6(_ text: String) -> String? {
        var address = in6_addr()
        var written = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_pton(AF_INET6, text, &address) == 1,
            inet_ntop(AF_INET6, &address, &written, socklen_t(written.count)) != nil
        else { return nil }
        return String(decoding: written.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
    }

    /// Letters, digits, hyphens and dots, as host names and IPv4 addresses are written.
    private static func isName(_ text: String) -> Bool {
        (1...253).contains(text.utf8.count)
            && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy { byte in
                        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
                            || (0x61...0x7a).contains(byte) || byte == UInt8(ascii: "-")
                    }
            }
    }
}

extension NetworkAddress: CustomStringConvertible {
    package var description: String { "\(hostText):\(port)" }

    /// The host as it stands in a URL: an IPv6 address in brackets.
    var hostText: String { host.contains(":") ? "[\(host)]" : host }
}
