import DoorpostCore

/// `POST /auth/initiate`: mails a code. The same answer after the same time whoever is named:
/// the mail goes out after it.
struct InitiateCall: Handler {
    let metrics: DoorMetrics

    private struct Body: Decodable {
        var email: String?
        var username: String?
    }

    func answer(_ call: Call, _ door: HTTPDoorParts) async throws(APIError) -> Answer {
        let name = try Self.name(in: try JSONBody.decode(Body.self, from: call))
        let context = door.context(of: call)
        if door.flow.mailsCode(in: context), let wait = door.courier.relayIsDownFor {
            metrics.initiated(.mailUnavailable)
            // Before anything is counted: a code that cannot be sent must not cost anybody one.
            throw .mailUnavailable(retryAfter: wait)
        }
        let outcome: InitiateOutcome
        do {
            outcome = try await door.flow.initiate(name, in: context)
        } catch {
            metrics.initiated(.error)
            throw APIError(error)
        }
        switch outcome {
        case .limited(let retryAfter, let limit):
            metrics.initiated(.limited)
            metrics.limitHit(limit)
            throw .limited(retryAfter: retryAfter)
        case .refused, .confirmed:
            metrics.initiated(.refused)
            throw .refused
        case .started(let started):
            metrics.initiated(started.isResumed ? .resumed : .started)
            return try Self.answer(started, to: name, door)
        }
    }

    private static func answer(
        _ started: InitiateOutcome.Started, to name: SignInName, _ door: HTTPDoorParts
    ) throws(APIError) -> Answer {
        let handle: ChallengeHandle
        do {
            handle = try door.flow.handle(of: started.live.id, for: name)
        } catch {
            throw APIError(error)
        }
        if let mail = started.mail { door.courier.dispatch(mail) }
        return try .ofOurs(
            ChallengeAnswer(started.live, handle.text, door.flow, asked: started.question))
    }

    /// Who is named: an address, or a login name.
    private static func name(in body: Body) throws(APIError) -> SignInName {
        switch (body.email, body.username) {
        case (let email?, nil): return try address(email)
        case (nil, let username?) where username.contains("@"): return try address(username)
        case (nil, let username?):
            guard (1...256).contains(username.utf8.count) else {
                throw .invalidRequest("\"username\" must have 1 to 256 bytes.")
            }
            return .login(username)
        default: throw .invalidRequest("Give either \"email\" or \"username\".")
        }
    }

    private static func address(_ text: String) throws(APIError) -> SignInName {
        guard EmailAddress(text) != nil else {
            throw .invalidRequest("That is not a mail address that codes are sent to.")
        }
        return .email(text)
    }
}
