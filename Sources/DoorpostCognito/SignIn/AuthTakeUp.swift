import DoorpostCore
import DoorpostHTTP

/// Signs in with the `Session` of a sign-up that was just confirmed: no second code.
struct AuthTakeUp {
    let request: OperationRequest
    let person: Person
    let context: SignInContext

    func answer(_ session: String) async throws(CognitoError) -> JSONValue {
        guard let round = request.flow.round(of: session, for: person.name, in: context),
            case .confirmed(let id) = round.question
        else { throw .invalidSession }
        guard request.now < round.until else { throw .expiredSession }
        let outcome: RefreshOutcome
        do {
            outcome = try await request.flow.takeUp(id, in: context)
        } catch {
            request.metrics.refreshed(.error)
            throw CognitoError(error)
        }
        request.metrics.refreshed(RefreshEvent(outcome))
        guard case .refreshed(let grant, _) = outcome else { throw .invalidSession }
        return AuthOutput.signedIn(AuthOutput.result(grant, withRefreshToken: true))
    }
}
