/// How a key signs. The raw value is the `alg` of RFC 7518 and RFC 8037, and what
/// `tokens.algorithm` in the configuration says.
package enum KeyAlgorithm: String, Hashable, Sendable, Codable, CaseIterable {
    /// ECDSA on P-256 with SHA-256: small tokens, understood by nearly every library. The default.
    case es256 = "ES256"
    /// RSA PKCS #1 v1.5 with SHA-256, for relying parties that know nothing else.
    case rs256 = "RS256"
    /// Ed25519.
    case edDSA = "EdDSA"
}
