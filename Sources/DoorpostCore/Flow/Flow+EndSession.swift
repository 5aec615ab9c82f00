extension Flow {
    /// Revokes a login session. One that has ended already is no error.
    ///
    /// - Throws: ``FlowError``: the store did not answer.
    package func endSession(_ id: SessionID, door: String, reason: String) throws(FlowError) {
        do {
            let session = try store.session(id)
            _ = try store.revokeSession(
                id,
                audit: AuditEvent(
                    at: clock.now, kind: .sessionRevoked, user: session?.user, door: door,
                    service: session?.service ?? "", host: session?.host ?? "",
                    source: session?.source ?? "", detail: "\(id): \(reason)"))
        } catch {
            throw FlowError(error)
        }
    }
}
