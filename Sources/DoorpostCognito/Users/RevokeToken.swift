import DoorpostCore
import HTTPTypes

/// `RevokeToken`: ends the session of a refresh token, and so every token of it.
struct RevokeToken: Operation {
    let name = "RevokeToken"
    let input = Structure(
        .required("Token", .token),
        .required("ClientId", .clientID),
        .optional("ClientSecret", .clientSecret),
        .optional("RevokeAssociatedSessions", .oneOf(["NONE", "LINKED"])))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        let client = try client(of: request)
        let outcome: RevocationOutcome
        do {
            outcome = try request.flow.revoke(
                refreshToken: request.input.required("Token"),
                in: request.context(for: client))
        } catch {
            throw CognitoError(error)
        }
        switch outcome {
        case .revoked: return .object([:])
        case .noRefreshToken: throw .unsupportedTokenType
        case .anotherClients: throw .anotherClientsToken
        }
    }

    /// The client, which has proved its secret: this operation has one error for whatever is
    /// wrong with it.
    private func client(of request: OperationRequest) throws(CognitoError) -> AppClient {
        do throws(CognitoError) {
            let client = try request.client()
            try request.checkSecret(request.input.text("ClientSecret"), of: client)
            return client
        } catch {
            throw error.status == .badRequest ? .unauthorizedClient : error
        }
    }
}
