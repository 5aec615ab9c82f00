package import DoorpostCore
import GRDB

extension SQLiteStore {
    package func rotateRefresh(
        _ rotation: RefreshRotation
    ) throws(StoreError) -> RefreshRotationResult {
        let ended = RefreshRotationResult.ended
        return try write { db in
            guard let session = try db.session(rotation.session),
                session.service == rotation.service, session.isLive(at: rotation.now),
                let newest = session.refreshGeneration,
                rotation.generation <= newest,
                let user = try db.user(session.user), user.isEnabled
            else { return ended }
            if rotation.generation == newest { return try db.rotate(session, rotation, user) }
            let rotatedAt = session.refreshedAt ?? session.createdAt
            let isInGrace =
                rotation.generation == newest - 1 && rotation.now < rotatedAt + rotation.grace
                && rotation.now + .clockTolerance >= rotatedAt
            if isInGrace { return .repeated(session, user) }
            try db.run(
                "UPDATE sessions SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL",
                [rotation.now.milliseconds, rotation.session.text])
            var audit = rotation.audit
            audit.user = user.id
            try db.append(audit)
            return .reused
        }
    }
}

extension Database {
    /// The guard is in the statement: of many that come at once, one rotates.
    fileprivate func rotate(
        _ session: LoginSession, _ rotation: RefreshRotation, _ user: User
    ) throws -> RefreshRotationResult {
        let rotated = try run(
            """
            UPDATE sessions SET refresh_generation = ?1 + 1, refreshed_at = ?2
            WHERE id = ?3 AND refresh_generation = ?1 AND revoked_at IS NULL
            """, [rotation.generation, rotation.now.milliseconds, session.id.text])
        guard rotated > 0 else { return .ended }
        var session = session
        session.refreshGeneration = rotation.generation + 1
        session.refreshedAt = rotation.now
        return .rotated(session, user)
    }

    fileprivate func session(_ id: SessionID) throws -> LoginSession? {
        try row("\(LoginSession.select) WHERE id = ?", [id.text]).map(LoginSession.init)
    }
}
