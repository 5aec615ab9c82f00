import DoorpostCore
import HTTPTypes

/// Who asks: the peer of the connection, or whom trusted proxies say they ask for.
enum ClientSource {
    /// Walks `X-Forwarded-For` from the right, past the proxies that are trusted: each of them
    /// has written down whom it saw, and everything to the left of the first stranger is that
    /// stranger's own tale.
    static func of(peer: String, headers: HTTPFields, trusting proxies: [IPNetwork]) -> Source {
        var seen = peer
        guard isTrusted(seen, proxies) else { return Source(seen) }
        let told = headers[values: forwardedFor].joined(separator: ",")
        for entry in told.split(separator: ",", omittingEmptySubsequences: false).reversed() {
            // What is no address was not written by a proxy that we know: it stays the proxy.
            guard let address = address(in: entry) else { break }
            seen = address
            guard isTrusted(seen, proxies) else { break }
        }
        return Source(seen)
    }

    /// Under what a peer has its share of the connections: what limits count it under. A proxy
    /// brings everybody's, and this machine's programs are not who a share protects from.
    static func share(ofPeer peer: String, trusting proxies: [IPNetwork]) -> String? {
        isTrusted(peer, proxies) || isTrusted(peer, loopback) ? nil : Source(peer).limitKey
    }

    private static let loopback = ["127.0.0.0/8", "::1"].compactMap { IPNetwork($0) }

    private static let forwardedFor: HTTPField.Name = {
        guard let name = HTTPField.Name("X-Forwarded-For") else {
            preconditionFailure("a constant field name is valid")
        }
        return name
    }()

    private static func isTrusted(_ address: String, _ proxies: [IPNetwork]) -> Bool {
        proxies.contains { $0.contains(address) }
    }

    /// An address, perhaps with the port that some proxies add: `1.2.3.4:5`, `[::1]:5`.
    private static func address(in entry: Substring) -> String? {
        var text = String(entry.drop { $0 == " " || $0 == "\t" })
        while text.hasSuffix(" ") || text.hasSuffix("\t") { text.removeLast() }
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            text = String(text[text.index(after: text.startIndex)..<end])
        } else if text.contains("."), let colon = text.firstIndex(of: ":"), !text.hasPrefix(":") {
            text = text.split(separator: ":").count == 2 ? String(text[..<colon]) : text
        }
        return IPNetwork(text) != nil && !text.contains("/") ? text : nil
    }
}
