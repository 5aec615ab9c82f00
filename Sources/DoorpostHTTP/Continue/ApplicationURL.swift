/// A web address that every browser reads in the same way, in its parts.
///
/// Whatever programs have been known to read differently (backslashes, user names, encoded or
/// dotted path segments, non-ASCII hosts) is refused rather than interpreted.
struct ApplicationURL: Hashable, Sendable {
    let scheme: String
    let host: String
    let port: Int
    /// Begins with `/`.
    let path: String
    /// Query and fragment as they came, with `?` or `#`.
    let rest: String

    init?(_ text: String) {
        guard text.utf8.count <= 2048, text.utf8.allSatisfy(Self.isPlain) else { return nil }
        guard let scheme = ["https", "http"].first(where: { text.hasPrefix("\($0)://") }) else {
            return nil
        }
        let afterScheme = text.dropFirst(scheme.utf8.count + 3)
        let authority = afterScheme.prefix { !"/?#".contains($0) }
        let afterAuthority = afterScheme.dropFirst(authority.count)
        let path = afterAuthority.prefix { $0 != "?" && $0 != "#" }
        guard let (host, port) = Self.split(authority, scheme: scheme), Self.isPlainPath(path)
        else { return nil }
        self.scheme = scheme
        self.host = host
        self.port = port
        self.path = path.isEmpty ? "/" : String(path)
        rest = String(afterAuthority.dropFirst(path.count))
    }

    /// The address, put together again from its parts.
    var text: String {
        let isStandard = port == (scheme == "https" ? 443 : 80)
        return "\(scheme)://\(host)\(isStandard ? "" : ":\(port)")\(path)\(rest)"
    }

    /// Whether an address lies in this application: the same origin, and its path or below.
    func covers(_ other: Self) -> Bool {
        guard scheme == other.scheme, host == other.host, port == other.port else { return false }
        let folder = path.hasSuffix("/") ? path : path + "/"
        return other.path == path || other.path.hasPrefix(folder)
    }

    /// Visible ASCII without what ends or escapes something somewhere.
    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x21...0x7e).contains(byte) && !#"\"<>^`{|}"#.utf8.contains(byte)
    }

    private static func split(_ authority: Substring, scheme: String) -> (String, Int)? {
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let name = parts.first, isHost(name) else { return nil }
        guard parts.count == 2 else { return (String(name), scheme == "https" ? 443 : 80) }
        guard (1...5).contains(parts[1].count), parts[1].utf8.allSatisfy(isDigit),
            let port = Int(parts[1]), (1...65535).contains(port)
        else { return nil }
        return (String(name), port)
    }

    /// A name of letters, digits and hyphens in lower case, or an IPv4 address.
    private static func isHost(_ name: Substring) -> Bool {
        (1...253).contains(name.utf8.count)
            && name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy {
                        isDigit($0) || (0x61...0x7a).contains($0) || $0 == UInt8(ascii: "-")
                    }
            }
    }

    /// No empty, `.` or `..` segment, and nothing encoded, so that no two texts are one path.
    private static func isPlainPath(_ path: Substring) -> Bool {
        guard !path.isEmpty else { return true }
        guard !path.contains("%") else { return false }
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        return segments.enumerated().allSatisfy { index, segment in
            segment != "." && segment != ".." && !(segment.isEmpty && index < segments.count - 1)
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
