import DoorpostCore

/// `POST /host/verify`: somebody at a host answers.
struct HostVerifyCall: Handler {
    let metrics: DoorMetrics

    func answer(_ call: Call, _ door: HTTPDoorParts) async throws(APIError) -> Answer {
        let body = try JSONBody.decode(HostVerify.self, from: call)
        let host = try HostCredential(call: call, door: door).host(named: body.host)
        let outcome = try await verify(body, on: host, door)
        metrics.verified(VerifyEvent(outcome))
        if case .limited(_, let limit) = outcome { metrics.limitHit(limit) }
        guard let answer = HostVerified(outcome) else {
            try await endUnused(outcome, door)
            throw .internal("somebody signed in on \(host.name) whose login name is gone")
        }
        return try .ofOurs(answer)
    }

    /// A session that nobody is told of, since its user's login name was taken away meanwhile.
    private func endUnused(_ outcome: VerifyOutcome, _ door: HTTPDoorParts) async throws(APIError) {
        guard case .signedIn(let signIn) = outcome else { return }
        do {
            try await door.flow.endSession(
                signIn.session.id, reason: "the login name was taken away meanwhile")
        } catch {
            throw APIError(error)
        }
    }

    private func verify(_ body: HostVerify, on host: EnrolledHost, _ door: HTTPDoorParts)
        async throws(APIError) -> VerifyOutcome
    {
        guard let challenge = door.flow.challenge(of: body.session) else {
            return .unknownChallenge
        }
        let context = SignInContext(
            on: host, service: body.service, source: body.source, tty: body.tty)
        do {
            return try await door.flow.verify(
                CodeAnswer(body.otp.utf8), challenge: challenge, in: context)
        } catch {
            metrics.verified(.error)
            throw APIError(error)
        }
    }
}
