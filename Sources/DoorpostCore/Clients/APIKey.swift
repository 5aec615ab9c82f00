/// The name of an API key, as AWS's access key ids: 20 letters and digits. Public.
package struct APIKeyID: Hashable, Sendable, CustomStringConvertible {
    package let text: String
    package init(_ text: String) { self.text = text }
    package var description: String { text }
}

/// What an administrator's program signs its requests with (`doorpost apikey`).
package struct APIKey: Hashable, Sendable {
    package var id: APIKeyID
    /// Unique; for administrators.
    package var name: String
    /// Sealed with the flow's keys: whoever checks a signature needs it in clear.
    package var sealedSecret: [UInt8]
    package var createdAt: Timestamp

    package init(id: APIKeyID, name: String, sealedSecret: [UInt8], createdAt: Timestamp) {
        self.id = id
        self.name = name
        self.sealedSecret = sealedSecret
        self.createdAt = createdAt
    }

    /// Bytes of a name.
    package static let longestName = 128

    /// A new key, and its secret, to be told once.
    package static func make(
        name: String, keys: FlowKeys, random: any RandomSource, at now: Timestamp
    ) throws -> (key: APIKey, secret: APISecret) {
        let letters = AlphanumericText.draw(18, from: random).uppercased()
        let id = APIKeyID("DP\(letters)")
        // Of the length of AWS's, so that no program finds it wrong.
        let secret = APISecret(AlphanumericText.draw(40, from: random))
        let sealed = try keys.sealSecret(secret.text, of: "key \(id)")
        return (APIKey(id: id, name: name, sealedSecret: sealed, createdAt: now), secret)
    }
}

/// The secret of an API key; its description is redacted.
package struct APISecret: Hashable, Sendable {
    package let text: String
    package init(_ text: String) { self.text = text }
}

extension APISecret: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String { "APISecret(redacted)" }
    package var debugDescription: String { description }
}

extension FlowKeys {
    /// The secret of a key.
    ///
    /// - Throws: if it was sealed with another key or for another id.
    package func secret(of key: APIKey) throws -> APISecret {
        APISecret(try openSecret(key.sealedSecret, of: "key \(key.id)"))
    }
}
