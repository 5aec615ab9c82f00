internal import DoorpostCore
internal import FoundationEssentials

/// The three parts of a token that has the form of ours. Nothing in it is trusted yet.
struct TokenEnvelope {
    let key: KeyID
    let algorithm: String
    let signedText: Data
    let payload: [UInt8]
    let signature: Data

    /// The longest token that is read, and so the longest that is issued.
    static let longest = 8 * 1024

    /// Takes the token apart.
    ///
    /// The header may say `alg`, `kid` and `typ` and not a word more. So `jku`, `x5u`, `jwk`, `x5c`
    /// and `crit`, which would let a token bring its own key or rules, need no list of their own.
    init(_ token: String) throws(TokenError) {
        guard token.utf8.count <= Self.longest else {
            throw TokenError(.invalid, "it is longer than \(Self.longest) bytes")
        }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3 else {
            throw TokenError(.invalid, "it does not have the three parts of a JWT")
        }
        guard let header = Base64URL.decode(parts[0]), let payload = Base64URL.decode(parts[1]),
            let signature = Base64URL.decode(parts[2])
        else { throw TokenError(.invalid, "a part of it is not base64url") }
        guard let members = FlatJSON(Array(header))?.members,
            let fields = try? JSONDecoder().decode(Header.self, from: header)
        else { throw TokenError(.invalid, "its header is not that of a JWT") }
        guard Set(members.keys) == ["alg", "kid", "typ"], fields.typ == "JWT" else {
            throw TokenError(.invalid, "its header says other things than alg, kid and typ JWT")
        }
        guard let key = KeyID(fields.kid) else {
            throw TokenError(.invalid, "its kid cannot be the name of a key")
        }
        self.key = key
        self.payload = Array(payload)
        self.signature = signature
        algorithm = fields.alg
        signedText = Data("\(parts[0]).\(parts[1])".utf8)
    }

    private struct Header: Decodable {
        var alg: String
        var kid: String
        var typ: String
    }
}
