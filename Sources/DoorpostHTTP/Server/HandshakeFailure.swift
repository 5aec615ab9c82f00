import NIOSSL

/// Why a TLS handshake failed, in BoringSSL's own names: `TLSV1_ALERT_UNKNOWN_CA`.
enum HandshakeFailure {
    /// - Returns: the names without numbers and source lines, which say nothing to anybody here.
    static func text(_ error: BoringSSLError) -> String { text("\(error)") }

    /// - Parameter description: `… SSL routines:OPENSSL_internal:NAME at …`, once an error.
    static func text(_ description: String) -> String {
        let words = description.split { " :[]()".contains($0) }
        let names = zip(words, words.dropFirst()).filter { $0.0 == "OPENSSL_internal" }.map(\.1)
        return names.isEmpty ? "the client went away" : names.joined(separator: " ")
    }
}
