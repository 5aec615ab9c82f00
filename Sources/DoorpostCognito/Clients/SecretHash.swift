import Crypto
import DoorpostCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `SECRET_HASH`: base64(HMAC-SHA-256(client secret, user name + client id)).
enum SecretHash {
    /// Whether the text is the hash for one of these names, in a time that does not depend on
    /// where they differ.
    static func matches(_ text: String, _ secret: ClientSecret, _ client: ClientID, names: [String])
        -> Bool
    {
        guard let hash = Data(base64Encoded: text) else { return false }
        let key = SymmetricKey(data: Array(secret.text.utf8))
        return names.map { name in
            HMAC<SHA256>.isValidAuthenticationCode(
                hash, authenticating: Array("\(name)\(client)".utf8), using: key)
        }.contains(true)
    }

    /// Whether the text is the secret itself.
    static func isSecret(_ text: String, _ secret: ClientSecret) -> Bool {
        // Hashed under a key of the moment, so that the comparison says nothing about prefixes.
        let key = SymmetricKey(size: .bits256)
        let hash = HMAC<SHA256>.authenticationCode(for: Array(secret.text.utf8), using: key)
        return HMAC<SHA256>.isValidAuthenticationCode(
            Array(hash), authenticating: Array(text.utf8), using: key)
    }
}
