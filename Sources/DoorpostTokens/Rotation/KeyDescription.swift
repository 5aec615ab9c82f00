package import DoorpostCore

/// A key as `key list` shows it.
package struct KeyDescription: Hashable, Sendable {
    /// Where a key is in its life.
    package enum State: String, Hashable, Sendable, Codable {
        /// Published, not signing yet.
        case next
        /// Signs today's tokens.
        case signing
        /// Signs no more; its tokens still count.
        case old
        /// None of its tokens can be valid any more: `prune` removes it.
        case retired
        /// Declared compromised: its tokens count no more.
        case revoked
    }

    package var id: KeyID
    package var algorithm: KeyAlgorithm
    package var state: State
    package var created: Timestamp
    package var signsFrom: Timestamp
    /// When it leaves the key set; nil while no other key is there to follow it.
    package var retires: Timestamp?
}

extension KeyRing {
    /// All keys with the states that they have now, in the order in which they sign.
    package func descriptions(at now: Timestamp) -> [KeyDescription] {
        let signing = signing(at: now)
        let published = Set(published(at: now))
        return records.map { key in
            let state: KeyDescription.State =
                if key.revoked != nil {
                    .revoked
                } else if key == signing {
                    .signing
                } else if key.signFrom > now {
                    .next
                } else if published.contains(key) {
                    .old
                } else {
                    .retired
                }
            return KeyDescription(
                id: key.id, algorithm: key.algorithm, state: state, created: key.created,
                signsFrom: key.signFrom, retires: key.revoked ?? retirement(of: key))
        }
    }
}
