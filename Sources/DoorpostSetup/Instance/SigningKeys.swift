package import DoorpostCore
import DoorpostTokens

/// A signing key as administrators see it: public facts only.
package struct SigningKeyInfo: Hashable, Sendable {
    /// Where a key is in its life.
    package enum State: String, Sendable, CaseIterable {
        case next, signing, old, retired, revoked
    }

    package var id: String
    package var algorithm: String
    package var state: State
    package var createdAt: Timestamp
    package var signsFrom: Timestamp
    package var retiresAt: Timestamp?
}

/// What came of a rotation.
package struct SigningKeyRotation: Sendable {
    package var key: SigningKeyInfo
    /// False if a key waited already and nothing was changed.
    package var isNew: Bool
}

extension Configuration {
    /// All signing keys, in the order in which they sign.
    package func signingKeys(at now: Timestamp) throws(TokenError) -> [SigningKeyInfo] {
        try keyDirectory.ring().descriptions(at: now).map { key in
            SigningKeyInfo(
                id: key.id.text, algorithm: key.algorithm.rawValue,
                state: SigningKeyInfo.State(rawValue: key.state.rawValue) ?? .retired,
                createdAt: key.created, signsFrom: key.signsFrom, retiresAt: key.retires)
        }
    }

    /// Reads every key and checks that it is what its file says.
    package func checkSigningKeys() throws(TokenError) {
        try keyDirectory.check()
    }

    /// Makes the next signing key, and removes those whose tokens have all expired.
    package func rotateSigningKey(isCompromised: Bool, at now: Timestamp) throws(TokenError)
        -> SigningKeyRotation
    {
        let outcome = try keyDirectory.rotate(
            to: tokens.algorithm, reason: isCompromised ? .compromised : .scheduled, now: now)
        try keyDirectory.prune(now: now)
        let (record, isNew) =
            switch outcome {
            case .created(let record): (record, true)
            case .alreadyWaiting(let record): (record, false)
            }
        guard let key = try signingKeys(at: now).first(where: { $0.id == record.id.text }) else {
            throw TokenError(.keysUnavailable, "\(keys): key \(record.id) went away again")
        }
        return SigningKeyRotation(key: key, isNew: isNew)
    }

    /// Makes what is missing of the flow's secret and the first signing key.
    ///
    /// - Returns: what was made, in words; nothing when both were there.
    @discardableResult
    package func createKeys(clock: any Clock, random: any RandomSource) throws(SetupError)
        -> [String]
    {
        var made: [String] = []
        do {
            try NewFile.directory(keys, mode: 0o700)
            if SecretFile.rule.fault(at: secretFile)?.isMissing == true {
                try SecretFile.create(secretFile, random: random)
                made.append("the secret")
            }
        } catch {
            throw .file(path: keys, error)
        }
        do {
            // A secret that is there but cannot be trusted is no reason to go on.
            _ = try SecretFile.read(secretFile)
            if try keyDirectory.ring().records.isEmpty {
                try keyDirectory.initialize(algorithm: tokens.algorithm, now: clock.now)
                made.append("the first signing key")
            }
        } catch {
            throw .keys(error)
        }
        return made
    }
}
