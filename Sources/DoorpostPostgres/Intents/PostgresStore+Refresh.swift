package import DoorpostCore

extension PostgresStore {
    package func rotateRefresh(
        _ rotation: RefreshRotation
    ) throws(StoreError) -> RefreshRotationResult {
        try write { db in
            // The user is held before the session, as everywhere; whose it is never changes.
            guard let owner = try db.session(rotation.session)?.user,
                let user = try db.holdUser(owner), user.isEnabled,
                let session = try db.session(rotation.session, locking: "FOR UPDATE"),
                session.service == rotation.service, session.isLive(at: rotation.now),
                let newest = session.refreshGeneration, rotation.generation <= newest
            else { return .ended }
            if rotation.generation == newest { return try db.rotate(session, rotation, user) }
            let rotatedAt = session.refreshedAt ?? session.createdAt
            let isInGrace =
                rotation.generation == newest - 1 && rotation.now < rotatedAt + rotation.grace
                && rotation.now + .clockTolerance >= rotatedAt
            if isInGrace { return .repeated(session, user) }
            try db.run(
                "UPDATE sessions SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL",
                [rotation.now, rotation.session.text])
            var audit = rotation.audit
            audit.user = user.id
            try db.append(audit)
            return .reused
        }
    }
}

extension Transaction {
    /// The guard is in the statement: of many that come at once, one rotates.
    fileprivate func rotate(
        _ session: LoginSession, _ rotation: RefreshRotation, _ user: User
    ) throws -> RefreshRotationResult {
        let rotated = try run(
            """
            UPDATE sessions SET refresh_generation = $1 + 1, refreshed_at = $2
            WHERE id = $3 AND refresh_generation = $1 AND revoked_at IS NULL
            """, [rotation.generation, rotation.now, session.id.text])
        guard rotated > 0 else { return .ended }
        var session = session
        session.refreshGeneration = rotation.generation + 1
        session.refreshedAt = rotation.now
        return .rotated(session, user)
    }
}
