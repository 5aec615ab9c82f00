internal import DoorpostCore
internal import FoundationEssentials
internal import JWTKit

/// A private key that was read and understood, ready to sign and to check.
///
/// Its algorithm comes from the key itself, never from a token: that is what makes `alg: none` and
/// HS256 over a public key impossible.
struct SigningKey: Sendable {
    /// What the key can do.
    private enum Material: Sendable {
        case p256(ES256PrivateKey)
        case rsa(Insecure.RSA.PrivateKey)
        case ed25519(EdDSA.PrivateKey)
    }

    let id: KeyID
    let publicKey: PublicJWK
    /// PKCS #8.
    let pem: String
    private let material: Material

    var algorithm: KeyAlgorithm { publicKey.algorithm }

    /// Reads a PKCS #8 private key of this algorithm. An RSA key must have 2048 bits or more.
    init(pem: String, algorithm: KeyAlgorithm) throws(TokenError) {
        do {
            material =
                switch algorithm {
                case .es256: try .p256(ES256PrivateKey(pem: pem))
                case .rs256: try .rsa(Insecure.RSA.PrivateKey(pem: pem))
                case .edDSA: try .ed25519(EdDSA.PrivateKey(pem: pem))
                }
            publicKey = try PublicJWK(Self.publicMaterial(of: material))
        } catch {
            // What the library says of a private key's text is kept out of messages and logs.
            throw TokenError(.keysUnavailable, "is not an \(algorithm.rawValue) private key")
        }
        guard let id = KeyID(publicKey.thumbprint) else {
            throw TokenError(.keysUnavailable, "has no thumbprint")
        }
        self.id = id
        self.pem = pem
    }

    private static func publicMaterial(of key: Material) throws -> PublicJWK.Material {
        switch key {
        case .p256(let key):
            guard let point = key.parameters, let x = Data(base64Encoded: point.x),
                let y = Data(base64Encoded: point.y)
            else { throw TokenError(.keysUnavailable, "has no public point") }
            return .p256(x: Base64URL.encode(x), y: Base64URL.encode(y))
        case .rsa(let key):
            let numbers = try key.publicKey.getKeyPrimitives()
            return .rsa(
                modulus: Base64URL.encode(numbers.modulus),
                exponent: Base64URL.encode(numbers.publicExponent))
        case .ed25519(let key):
            return .ed25519(x: Base64URL.encode(key.publicKey.rawRepresentation))
        }
    }

    /// This key, alone, as JWTKit uses keys.
    ///
    /// One collection a key: a collection of several falls back to a default key when a `kid` is
    /// unknown, and that must not happen here.
    func collection() async -> JWTKeyCollection {
        let keys = JWTKeyCollection()
        let kid = JWKIdentifier(string: id.text)
        switch material {
        case .p256(let key):
            await keys.add(ecdsa: key, kid: kid, serializer: PayloadSerializer())
        case .rsa(let key):
            await keys.add(
                rsa: key, digestAlgorithm: .sha256, kid: kid, serializer: PayloadSerializer())
        case .ed25519(let key):
            await keys.add(eddsa: key, kid: kid, serializer: PayloadSerializer())
        }
        return keys
    }
}
