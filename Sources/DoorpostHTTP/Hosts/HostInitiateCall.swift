import DoorpostCore

/// `POST /host/initiate`: somebody wants to sign in on a host.
struct HostInitiateCall: Handler {
    let metrics: DoorMetrics

    func answer(_ call: Call, _ door: HTTPDoorParts) async throws(APIError) -> Answer {
        let body = try JSONBody.decode(HostInitiate.self, from: call)
        let host = try HostCredential(call: call, door: door).host(named: body.host)
        let context = SignInContext(
            on: host, service: body.service, source: body.source, tty: body.tty)
        if door.flow.mailsCode(in: context), let wait = door.courier.relayIsDownFor {
            metrics.initiated(.mailUnavailable)
            throw .mailUnavailable(retryAfter: wait)
        }
        do {
            switch try await door.flow.initiate(login: body.login, in: context) {
            case .limited(let retryAfter, let limit):
                metrics.initiated(.limited)
                metrics.limitHit(limit)
                return try .ofOurs(HostInitiated(limited: limit, retryAfter: retryAfter))
            case .refused, .confirmed:
                metrics.initiated(.refused)
                return try .ofOurs(HostInitiated.nobodyAsked)
            case .started(let started):
                metrics.initiated(started.isResumed ? .resumed : .started)
                let handle = try door.flow.handle(
                    of: started.live.id, for: .login(body.login))
                if let mail = started.mail { door.courier.dispatch(mail) }
                return try .ofOurs(HostInitiated(started, session: handle))
            }
        } catch let error as FlowError {
            metrics.initiated(.error)
            throw APIError(error)
        } catch let error as APIError {
            throw error
        } catch {
            throw .internal("\(error)")
        }
    }
}
