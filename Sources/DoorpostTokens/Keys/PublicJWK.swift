internal import Crypto
internal import DoorpostCore

/// The public half of a key as RFC 7517 writes it.
///
/// JWTKit's `JWK` has neither `use` nor a thumbprint, and its fields allow a private key: this type
/// has no place for one.
package struct PublicJWK: Hashable, Sendable {
    /// The members that depend on the kind of key, base64url where the standards say so.
    package enum Material: Hashable, Sendable {
        /// P-256 point.
        case p256(x: String, y: String)
        /// RSA modulus and exponent.
        case rsa(modulus: String, exponent: String)
        /// Ed25519 public key.
        case ed25519(x: String)
    }

    package var material: Material

    package init(_ material: Material) {
        self.material = material
    }

    /// What the key signs with.
    package var algorithm: KeyAlgorithm {
        switch material {
        case .p256: .es256
        case .rsa: .rs256
        case .ed25519: .edDSA
        }
    }

    /// RFC 7638 (and RFC 8037 §2 for Ed25519): base64url of the SHA-256 of the required members.
    package var thumbprint: String {
        Base64URL.encode(SHA256.hash(data: Array("{\(requiredMembers)}".utf8)))
    }

    /// The key as a JSON object with `alg`, `use` and its thumbprint as `kid`.
    package var json: String {
        #"{"alg":"\#(algorithm.rawValue)","kid":"\#(thumbprint)","use":"sig",\#(requiredMembers)}"#
    }

    /// Exactly these, in alphabetical order, without white space: the thumbprint is taken of them.
    /// No value holds a character that JSON would escape.
    private var requiredMembers: String {
        switch material {
        case .p256(let x, let y): #""crv":"P-256","kty":"EC","x":"\#(x)","y":"\#(y)""#
        case .rsa(let modulus, let exponent): #""e":"\#(exponent)","kty":"RSA","n":"\#(modulus)""#
        case .ed25519(let x): #""crv":"Ed25519","kty":"OKP","x":"\#(x)""#
        }
    }
}
