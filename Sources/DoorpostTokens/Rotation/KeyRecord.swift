package import DoorpostCore

/// What is known of a key beside the key itself: what rotation is decided by.
package struct KeyRecord: Hashable, Sendable {
    package var id: KeyID
    package var algorithm: KeyAlgorithm
    package var created: Timestamp
    /// From when on the key may sign; until then it is only published.
    package var signFrom: Timestamp
    /// When an administrator declared the key compromised: neither signs nor counts from then on.
    package var revoked: Timestamp?

    package init(
        id: KeyID, algorithm: KeyAlgorithm, created: Timestamp, signFrom: Timestamp,
        revoked: Timestamp? = nil
    ) {
        self.id = id
        self.algorithm = algorithm
        self.created = created
        self.signFrom = signFrom
        self.revoked = revoked
    }
}
