/// Addresses of the web, as strictly as tokens and browsers compare them.
enum WebAddress {
    /// A public URL: scheme, host, perhaps port and path; nothing that two programs could
    /// write in two ways, since tokens are compared with it byte by byte.
    static func parseIssuer(_ text: String) throws(ValueError) -> String {
        let parts = try split(text)
        guard parts.scheme == parts.scheme.lowercased(),
            parts.address.host == parts.address.host.lowercased()
        else { throw ValueError("must have its scheme and host in lower case") }
        guard !parts.path.hasSuffix("/") else { throw ValueError("must not end in '/'") }
        try checkPlain(parts.path)
        return text
    }

    /// Where an application is: scheme, host, perhaps port and path; written back as it is
    /// compared, in lower case and without a standard port.
    ///
    /// What `?continue=` never matches is refused, since it would keep everybody at home.
    static func parseApplication(_ text: String) throws(ValueError) -> String {
        let parts = try split(text)
        guard !parts.address.host.contains(":") else {
            throw ValueError("is never matched: write a name or an IPv4 address")
        }
        guard text.utf8.count <= 2048 else { throw ValueError("must have at most 2048 bytes") }
        try checkPlain(parts.path)
        guard !parts.path.contains("%") else {
            throw ValueError(
                "is never matched: an address with '%' is sent nobody to (name a path above it)")
        }
        let segments = parts.path.dropFirst().split(
            separator: "/", omittingEmptySubsequences: false)
        guard segments.allSatisfy({ $0 != "." && $0 != ".." }),
            segments.dropLast().allSatisfy({ !$0.isEmpty })
        else {
            throw ValueError("is never matched: its path must have no empty part, '.' or '..'")
        }
        return origin(parts) + parts.path
    }

    private static func checkPlain(_ path: Substring) throws(ValueError) {
        let isPlain = path.utf8.allSatisfy {
            (0x21...0x7e).contains($0) && !"?#\"<>\\^`{|}".utf8.contains($0)
        }
        guard isPlain else { throw ValueError("must hold no query, fragment or blank") }
    }

    /// An origin, scheme, host and perhaps port, as browsers send it: in lower case and without
    /// a standard port.
    static func parseOrigin(_ text: String) throws(ValueError) -> String {
        let parts = try split(text)
        guard parts.path.isEmpty else {
            throw ValueError("must be an origin: scheme and host, without a path or '/' at its end")
        }
        return origin(parts)
    }

    /// The host of an issuer.
    static func host(ofIssuer text: String) -> String {
        (try? split(text))?.address.host ?? ""
    }

    private struct Parts {
        var scheme: String
        var address: NetworkAddress
        var path: Substring
        var isStandardPort: Bool
    }

    private static func origin(_ parts: Parts) -> String {
        let scheme = parts.scheme.lowercased()
        var address = parts.address
        address.host = NetworkAddress.shortV6(address.host) ?? address.host.lowercased()
        return "\(scheme)://\(parts.isStandardPort ? address.hostText : "\(address)")"
    }

    private static func split(_ text: String) throws(ValueError) -> Parts {
        let scheme = text.prefix { $0 != ":" }
        let rest = text.dropFirst(scheme.count)
        guard let port = ["https": 443, "http": 80][scheme.lowercased()], rest.hasPrefix("://")
        else { throw notAnAddress }
        let authority = rest.dropFirst(3).prefix { !"/?#".contains($0) }
        guard !authority.contains("*") else {
            throw ValueError("must name one host: there are no wildcards")
        }
        guard !authority.contains("@") else {
            throw ValueError("must hold no user name", isWhole: true)
        }
        guard authority.utf8.allSatisfy({ $0 < 0x80 && $0 != UInt8(ascii: "%") }) else {
            throw ValueError("must have its host in plain letters (write xn--… for others)")
        }
        guard let address = NetworkAddress(authority, defaultPort: port) else {
            throw notAnAddress
        }
        // Browsers read `127.1` and `0x7f000001` as addresses, and send them as 127.0.0.1.
        let last = address.host.contains(":") ? "" : address.host.split(separator: ".").last ?? ""
        if !last.isEmpty, last.hasPrefix("0x") || last.allSatisfy(\.isNumber),
            !NetworkAddress.isNumericV4(address.host)
        {
            throw ValueError("must have a name, or an IPv4 address of four numbers")
        }
        return Parts(
            scheme: String(scheme), address: address,
            path: rest.dropFirst(3 + authority.count), isStandardPort: address.port == port)
    }

    private static let notAnAddress = ValueError(
        "is not a web address (write https://login.example.org)")
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
