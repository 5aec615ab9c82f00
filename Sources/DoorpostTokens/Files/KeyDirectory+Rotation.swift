package import DoorpostCore
internal import Glibc

extension KeyDirectory {
    /// Why keys are rotated.
    package enum RotationReason: Hashable, Sendable {
        /// In good time: the new key is published first and signs after the policy's lead.
        case scheduled
        /// Somebody may know the keys: the new one signs at once and no other counts any more, so
        /// every token that was signed before is refused from now on.
        case compromised
    }

    /// What a rotation came to.
    package enum RotationOutcome: Hashable, Sendable {
        /// There is a new key.
        case created(KeyRecord)
        /// A key waits for its time already; nothing was changed.
        case alreadyWaiting(KeyRecord)
    }

    /// Makes the directory, where it is missing, and the first key, which signs at once.
    ///
    /// - Throws: `keysUnavailable` when keys are there.
    @discardableResult
    package func initialize(algorithm: KeyAlgorithm, now: Timestamp) throws(TokenError)
        -> KeyRecord
    {
        if mkdir(path, 0o700) != 0, errno != EEXIST {
            throw OpenDirectory.failure("cannot make the directory of the keys \(path)")
        }
        let directory = try OpenDirectory(path)
        try directory.lock()
        guard try files(in: directory).isEmpty else {
            throw TokenError(.keysUnavailable, "\(path) holds keys already; they were left alone")
        }
        return try generateKey(algorithm, in: directory, now: now, signFrom: now)
    }

    /// Makes the key that follows the one that signs.
    ///
    /// A scheduled rotation while a key waits already changes nothing: the first of two waiting
    /// keys would sign for moments only. Where no key signs, the new one does at once.
    package func rotate(
        to algorithm: KeyAlgorithm, reason: RotationReason = .scheduled, now: Timestamp
    ) throws(TokenError) -> RotationOutcome {
        let directory = try OpenDirectory(path)
        try directory.lock()
        let files = try files(in: directory)
        let ring = KeyRing(files.map(\.record), policy: policy)
        switch reason {
        case .scheduled:
            if let waiting = ring.next(at: now) { return .alreadyWaiting(waiting) }
            let signFrom = ring.signing(at: now) == nil ? now : now + policy.publishLead
            return .created(
                try generateKey(algorithm, in: directory, now: now, signFrom: signFrom))
        case .compromised:
            // First the new key: if this process dies in between, logins still work, and the
            // command has visibly not succeeded.
            let record = try generateKey(algorithm, in: directory, now: now, signFrom: now)
            for var file in files where file.record.revoked == nil {
                file.record.revoked = now
                try directory.write(file.text, to: KeyFile.name(of: file.record.id))
            }
            return .created(record)
        }
    }

    /// Removes the keys that are of no more use, and what interrupted writes left behind.
    @discardableResult
    package func prune(now: Timestamp) throws(TokenError) -> [KeyID] {
        let directory = try OpenDirectory(path)
        try directory.lock()
        for name in try directory.names() where name.hasPrefix(OpenDirectory.temporaryPrefix) {
            try directory.remove(name)
        }
        let ring = KeyRing(try files(in: directory).map(\.record), policy: policy)
        let removed = ring.prunable(at: now).map(\.id)
        for id in removed { try directory.remove(KeyFile.name(of: id)) }
        return removed
    }

    /// Files keep whole seconds, so the times are cut to seconds here: what is returned is what
    /// will be read.
    private func generateKey(
        _ algorithm: KeyAlgorithm, in directory: borrowing OpenDirectory, now: Timestamp,
        signFrom: Timestamp
    ) throws(TokenError) -> KeyRecord {
        let key = try SigningKey(generating: algorithm)
        let record = KeyRecord(
            id: key.id, algorithm: algorithm, created: Timestamp(seconds: now.seconds),
            signFrom: Timestamp(seconds: signFrom.seconds))
        let file = KeyFile(record: record, pem: key.pem)
        try directory.write(file.text, to: KeyFile.name(of: key.id))
        return record
    }
}
