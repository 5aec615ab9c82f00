import DoorpostCore
import HTTPTypes

/// Which host asks: by the credential of the call, and by what the host calls itself. A host may
/// ask about logins on itself alone.
struct HostCredential {
    let call: Call
    let door: HTTPDoorParts

    /// The host that the call is from.
    ///
    /// - Parameter name: what the host calls itself.
    /// - Throws: ``APIError``: it has no credential of ours, or the credential of another.
    func host(named name: String) throws(APIError) -> EnrolledHost {
        guard let key = BearerToken.of(call).flatMap(HostKey.init) else {
            throw .hostUnknown("no host credential was given, from \(call.source.text)")
        }
        do {
            guard let host = try door.flow.store.host(key.id), door.flow.keys.isKey(key, of: host)
            else {
                throw APIError.hostUnknown(
                    "a forged host credential (id \(key.id)) from \(call.source.text)")
            }
            guard host.revokedAt == nil else {
                try refuse(host, "its credential is revoked")
                throw APIError.hostRevoked("host \(host.name) is revoked, and asked all the same")
            }
            guard host.name == name else {
                let shown = VisibleText.escape(name, limit: EnrolledHost.longestName)
                try refuse(host, "it asked for logins on \(shown)")
                throw APIError.hostMismatch(
                    host.name, "host \(host.name) asked for logins on \(shown)")
            }
            return host
        } catch let error as APIError {
            throw error
        } catch let error as StoreError {
            throw .storeUnavailable("store: \(error)")
        } catch {
            throw .internal("\(error)")
        }
    }

    /// For the audit trail: only what a host with a good credential did, so that nobody else can
    /// fill it.
    private func refuse(_ host: EnrolledHost, _ why: String) throws(StoreError) {
        try door.flow.store.appendAudit(
            AuditEvent(
                at: door.flow.clock.now, kind: .hostRefused, user: nil, door: "pam",
                host: host.name, source: call.source.text, detail: why))
    }
}

extension SignInContext {
    /// Somebody signs in on a host, as far as the host says.
    init(on host: EnrolledHost, service: String, source: String, tty: String) {
        self.init(
            door: .pam, service: service, host: host.name, source: Source(source), tty: tty)
        hostID = host.id
    }
}
