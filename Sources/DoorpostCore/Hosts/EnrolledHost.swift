/// The identity of a host's credential: 12 lower-case letters and digits. Public.
package struct HostID: Hashable, Sendable, CustomStringConvertible {
    package let text: String
    package init(_ text: String) { self.text = text }
    package var description: String { text }
}

/// A machine that asks this Doorpost to sign people in there (`doorpost host`).
package struct EnrolledHost: Hashable, Sendable {
    package var id: HostID
    /// What the machine calls itself. One live credential a name.
    package var name: String
    /// Keyed hash of the credential's secret.
    package var keyHash: [UInt8]
    package var createdAt: Timestamp
    /// From when on it is refused; nil for a live one.
    package var revokedAt: Timestamp?

    package init(
        id: HostID, name: String, keyHash: [UInt8], createdAt: Timestamp,
        revokedAt: Timestamp? = nil
    ) {
        self.id = id
        self.name = name
        self.keyHash = keyHash
        self.createdAt = createdAt
        self.revokedAt = revokedAt
    }

    /// Bytes of a name: as many as Linux gives a machine.
    package static let longestName = 64

    /// Whether a machine can have this name: letters, digits, `-`, `.` and `_`, the first a letter
    /// or digit.
    package static func isName(_ text: String) -> Bool {
        (1...longestName).contains(text.utf8.count)
            && text.utf8.allSatisfy { isAlphanumeric($0) || "-._".utf8.contains($0) }
            && text.utf8.first.map(isAlphanumeric) == true
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }

    /// A new host, and its credential, to be told once.
    package static func make(
        name: String, keys: FlowKeys, random: any RandomSource, at now: Timestamp
    ) -> (host: EnrolledHost, key: HostKey) {
        let key = HostKey.draw(from: random)
        return (
            EnrolledHost(id: key.id, name: name, keyHash: keys.hash(key), createdAt: now), key
        )
    }
}
