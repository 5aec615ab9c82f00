internal import Crypto
internal import CryptoExtras
internal import DoorpostCore

extension SigningKey {
    /// Makes a key. RSA keys have 2048 bits (docs/architecture.md says why).
    init(generating algorithm: KeyAlgorithm) throws(TokenError) {
        let pem: String
        do {
            pem =
                switch algorithm {
                case .es256: P256.Signing.PrivateKey().pemRepresentation
                case .rs256: try _RSA.Signing.PrivateKey(keySize: .bits2048).pkcs8PEMRepresentation
                case .edDSA: Curve25519.Signing.PrivateKey().pemRepresentation
                }
        } catch {
            throw TokenError(.keysUnavailable, "cannot make a \(algorithm.rawValue) key: \(error)")
        }
        try self.init(pem: pem, algorithm: algorithm)
    }
}
