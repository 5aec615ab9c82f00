internal import DoorpostCore

/// One key as it stands on disk: a few lines of text and a PKCS #8 PEM.
///
/// RFC 7468 §2 lets text stand before a PEM, so `openssl pkey -in` reads the file as it is; and with
/// everything in one file, a key and what is known of it can never come apart.
struct KeyFile: Sendable {
    var record: KeyRecord
    var pem: String

    /// The name of the file of this key.
    static func name(of id: KeyID) -> String { "\(id.text).pem" }

    /// - Returns: the key that a file of this name holds; nil when it is not a key's name.
    static func id(fromName name: String) -> KeyID? {
        guard name.hasSuffix(".pem") else { return nil }
        return KeyID(String(name.dropLast(4)))
    }

    var text: String {
        var lines = [
            "Doorpost-Key: 1",
            "Algorithm: \(record.algorithm.rawValue)",
            "Created: \(record.created.seconds)",
            "Sign-From: \(record.signFrom.seconds)",
        ]
        if let revoked = record.revoked { lines.append("Revoked: \(revoked.seconds)") }
        return lines.joined(separator: "\n") + "\n" + pem + "\n"
    }

    init(record: KeyRecord, pem: String) {
        self.record = record
        self.pem = pem
    }

    /// Reads what ``text`` wrote. The key itself is not looked at: most loads need one key of many.
    init(_ text: String, id: KeyID) throws(TokenError) {
        var fields: [Substring: Substring] = [:]
        var rest = text[...]
        while !rest.hasPrefix("-----BEGIN ") {
            guard let end = rest.firstIndex(of: "\n"), let colon = rest[..<end].firstIndex(of: ":")
            else { throw Self.malformed("has no private key in it") }
            let name = rest[..<colon]
            let value = rest[rest.index(after: colon)..<end].drop { $0 == " " }
            guard fields.updateValue(value, forKey: name) == nil else {
                throw Self.malformed("says \(name) twice")
            }
            rest = rest[rest.index(after: end)...]
        }
        guard fields["Doorpost-Key"] == "1" else {
            throw Self.malformed("is not a Doorpost key of a version known here")
        }
        guard let algorithm = fields["Algorithm"].flatMap({ KeyAlgorithm(rawValue: String($0)) })
        else { throw Self.malformed("names no algorithm of ES256, RS256, EdDSA") }
        guard let created = fields["Created"].flatMap(Self.time),
            let signFrom = fields["Sign-From"].flatMap(Self.time)
        else { throw Self.malformed("does not say Created and Sign-From in seconds since 1970") }
        let revoked = fields["Revoked"].map(Self.time)
        if case .some(.none) = revoked {
            throw Self.malformed("does not say Revoked in seconds since 1970")
        }
        record = KeyRecord(
            id: id, algorithm: algorithm, created: created, signFrom: signFrom,
            revoked: revoked ?? nil)
        pem = String(rest)
    }

    /// Eleven digits reach to the year 5138 and cannot overflow.
    private static func time(_ text: Substring) -> Timestamp? {
        guard text.utf8.count <= 11, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int64(text).map { Timestamp(seconds: $0) }
    }

    private static func malformed(_ complaint: String) -> TokenError {
        TokenError(.keysUnavailable, complaint)
    }
}
