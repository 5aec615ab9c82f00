import DoorpostCore
import DoorpostHTTP

/// New tokens for a refresh token, by whichever operation.
struct AuthRefresh {
    private let request: OperationRequest
    private let client: AppClient
    private let context: SignInContext

    init(_ request: OperationRequest, _ client: AppClient, source: Source?) {
        self.request = request
        self.client = client
        context = request.context(for: client, source: source)
    }

    /// Through `REFRESH_TOKEN_AUTH`, which gives no new refresh token.
    func answer(parameters: [String: String]) async throws(CognitoError) -> JSONValue {
        guard client.refreshGrace == nil else { throw .rotationEnabled }
        guard let token = parameters["REFRESH_TOKEN"] else {
            throw .missingParameter("REFRESH_TOKEN")
        }
        let owner: User?
        do {
            owner = try request.flow.owner(ofRefreshToken: token, in: context)
        } catch {
            throw CognitoError(error)
        }
        guard let owner else {
            request.metrics.refreshed(.refused)
            throw .invalidRefreshToken
        }
        // Programs hash what the token calls the user, or what the person typed.
        let names = [owner.id.text, owner.email.canonical, owner.login?.name].compactMap(\.self)
        try request.checkSecretHash(parameters["SECRET_HASH"], of: client, for: names)
        return AuthOutput.signedIn(try await result(for: token))
    }

    /// The `AuthenticationResult` for a token.
    ///
    /// - Parameter token: what came as one.
    func result(for token: String) async throws(CognitoError) -> JSONValue {
        let outcome: RefreshOutcome
        do {
            outcome =
                client.refreshGrace == nil
                ? try await request.flow.renew(token, in: context)
                : try await request.flow.refresh(token, in: context)
        } catch {
            request.metrics.refreshed(.error)
            throw CognitoError(error)
        }
        request.metrics.refreshed(RefreshEvent(outcome))
        switch outcome {
        case .refreshed(let grant, _):
            return AuthOutput.result(grant, withRefreshToken: client.refreshGrace != nil)
        case .reused: throw .refreshTokenReuse
        case .refused: throw .invalidRefreshToken
        }
    }
}
