/// Addresses of the web, as strictly as tokens and browsers compare them.
enum WebAddress {
    /// A public URL: scheme, host, perhaps port and path; nothing that two programs could
    /// write in two ways, since tokens are compared with it byte by byte.
    static func parseIssuer(_ text: String) throws(ValueError) -> String {
        let (_, path) = try split(text)
        guard !path.hasSuffix("/") else { throw ValueError("must not end in '/'") }
        try checkPlain(path)
        return text
    }

    /// Where an application is: scheme, host, perhaps port and path.
    static func parseApplication(_ text: String) throws(ValueError) -> String {
        let (_, path) = try split(text)
        try checkPlain(path)
        return text
    }

    private static func checkPlain(_ path: Substring) throws(ValueError) {
        let isPlain = path.utf8.allSatisfy {
            (0x21...0x7e).contains($0) && !"?#\"<>\\^`{|}".utf8.contains($0)
        }
        guard isPlain else { throw ValueError("must hold no query, fragment or blank") }
    }

    /// An origin as browsers send it: scheme, host and perhaps port.
    static func parseOrigin(_ text: String) throws(ValueError) -> String {
        let (_, path) = try split(text)
        guard path.isEmpty else {
            throw ValueError("must be an origin: scheme and host, without a path or '/' at its end")
        }
        return text
    }

    /// The host of an issuer.
    static func host(ofIssuer text: String) -> String {
        (try? split(text))?.0.host ?? ""
    }

    private static func split(_ text: String) throws(ValueError) -> (NetworkAddress, Substring) {
        for (scheme, port) in [("https://", 443), ("http://", 80)] where text.hasPrefix(scheme) {
            let rest = text.dropFirst(scheme.count)
            let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
            guard let address = NetworkAddress(rest[..<end], defaultPort: port),
                !rest[..<end].contains(where: \.isUppercase)
            else { break }
            return (address, rest[end...])
        }
        throw ValueError("is not a web address (write https://login.example.org)")
    }
}

/// A network of IP addresses: `10.0.0.0/8`, `::1`.
enum NetworkRange {
    static func parse(_ text: String) throws(ValueError) -> String {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let address = String(parts[0])
        let bits = NetworkAddress.isNumericV4(address) ? 32 : 128
        guard bits == 32 || NetworkAddress.isNumericV6(address),
            parts.count == 1 || CountText.read(parts[1]).map({ $0 <= bits }) == true
        else { throw ValueError("is not an address or network (write 10.0.0.1 or 10.0.0.0/8)") }
        return text
    }
}
