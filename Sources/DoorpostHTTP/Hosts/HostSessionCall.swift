import DoorpostCore

/// `POST /host/session` and `/host/end-session`: how a login session on a host is, or its end.
struct HostSessionCall: Handler {
    /// Whether the session ends.
    let ends: Bool

    func answer(_ call: Call, _ door: HTTPDoorParts) async throws(APIError) -> Answer {
        let body = try JSONBody.decode(HostSession.self, from: call)
        let host = try HostCredential(call: call, door: door).host(named: body.host)
        let id = SessionID(body.session)
        do {
            var session = try Self.session(id, on: host, door)
            if ends, session != nil {
                let reason = VisibleText.escape(body.reason ?? "ended by the host", limit: 200)
                try await door.flow.endSession(id, reason: reason)
                session = try Self.session(id, on: host, door)
            }
            return try .ofOurs(HostSessionAnswer(session, at: door.flow.clock.now))
        } catch let error as StoreError {
            throw .storeUnavailable("store: \(error)")
        } catch let error as FlowError {
            throw APIError(error)
        } catch let error as APIError {
            throw error
        } catch {
            throw .internal("\(error)")
        }
    }

    /// Sessions of other doors and of other hosts are none of this one's business.
    private static func session(_ id: SessionID, on host: EnrolledHost, _ door: HTTPDoorParts)
        throws(StoreError) -> LoginSession?
    {
        let session = try door.flow.store.session(id)
        guard session?.host == host.name, session?.door == SignInContext.Door.pam.rawValue else {
            return nil
        }
        return session
    }
}
