import Crypto
import DoorpostCore
import DoorpostTokens
import FoundationEssentials
import Testing

/// Makes tokens by hand, with the real key where the payload is what is wrong. It shares no code
/// with the issuer but base64url.
struct Forge {
    let fixture: Fixture
    let key: P256.Signing.PrivateKey

    init(_ fixture: Fixture) throws {
        self.fixture = fixture
        let text = try String(contentsOfFile: fixture.keyFile, encoding: .utf8)
        let start = try #require(text.firstRange(of: "-----BEGIN")?.lowerBound)
        let pem = String(text[start...])
        key = try P256.Signing.PrivateKey(pemRepresentation: pem)
    }

    /// The header that the issuer writes.
    var header: String { #"{"alg":"ES256","kid":"\#(fixture.key.id)","typ":"JWT"}"# }

    /// The claims that the issuer writes, with some replaced (nil: left out), as JSON texts.
    static func payload(_ changes: KeyValuePairs<String, String?> = [:]) -> String {
        var members: [String: String] = [
            "iss": #""https://login.example.org""#, "sub": #""u-1""#, "aud": #""host:wks1""#,
            "exp": "1800003600", "iat": "1800000000", "auth_time": "1800000000",
            "jti": #""s-1""#, "amr": #"["otp"]"#, "email": #""ann@example.org""#,
            "preferred_username": #""ann""#, "host": #""wks1""#, "service": #""sshd""#,
            "rhost": #""192.0.2.7""#, "tty": #""ssh""#, "token_use": #""session""#,
        ]
        for (name, value) in changes { members[name] = value }
        return "{" + members.map { #""\#($0)":\#($1)"# }.sorted().joined(separator: ",") + "}"
    }

    /// A token with a right ES256 signature over whatever it says.
    func sign(header: String? = nil, payload: String = Self.payload()) throws -> String {
        try sign(header: Array((header ?? self.header).utf8), payload: Array(payload.utf8))
    }

    func sign(header: [UInt8], payload: [UInt8]) throws -> String {
        let text = "\(Base64URL.encode(header)).\(Base64URL.encode(payload))"
        return try sign(text)
    }

    func sign(_ text: String) throws -> String {
        let signature = try key.signature(for: Data(text.utf8)).rawRepresentation
        return "\(text).\(Base64URL.encode(signature))"
    }

    /// What a token says, as JSON texts.
    static func members(_ token: String) throws -> [String: String] {
        let parts = token.split(separator: ".")
        let payload = try #require(Base64URL.decode(parts[1]))
        let flat = try #require(FlatJSON(Array(payload)))
        return flat.members.mapValues { String(decoding: $0, as: UTF8.self) }
    }

    /// What `verify` says of the token.
    func verdict(_ token: String, audience: String? = nil) async -> Result<Void, TokenFailure> {
        do {
            _ = try await fixture.tokens.verify(token, audience: audience, now: Fixture.now)
            return .success(())
        } catch {
            return .failure(TokenFailure(code: error.code.name))
        }
    }
}

/// The code of a refusal.
struct TokenFailure: Error, Equatable {
    var code: String
}
