internal import DoorpostCore
internal import FoundationEssentials
internal import JWTKit

/// A key that was parsed, kept for the next token.
struct LoadedKey: Sendable {
    let publicKey: PublicJWK
    private let kid: JWKIdentifier
    private let keys: JWTKeyCollection
    private let signer: any JWTAlgorithm

    init(_ key: SigningKey) async throws(TokenError) {
        publicKey = key.publicKey
        kid = JWKIdentifier(string: key.id.text)
        keys = await key.collection()
        do {
            signer = try await keys.getKey(for: kid)
        } catch {
            throw TokenError(.keysUnavailable, "JWTKit does not take the key \(key.id): \(error)")
        }
    }

    /// Signs: the header gets `alg`, `kid` and `typ` JWT.
    func sign(_ payload: some JWTPayload) async throws(TokenError) -> String {
        do {
            return try await keys.sign(payload, kid: kid)
        } catch {
            throw TokenError(.keysUnavailable, "cannot sign with the key \(kid.string): \(error)")
        }
    }

    /// Whether this key made the signature, with its own algorithm and no other.
    func hasSigned(_ token: TokenEnvelope) -> Bool {
        guard token.algorithm == signer.name else { return false }
        // A signature of the wrong length or form is thrown out, which is a no like any other.
        return (try? signer.verify(token.signature, signs: token.signedText)) ?? false
    }
}
