import DoorpostCore
import DoorpostHTTP

extension OperationRequest {
    /// Whose access token the input holds.
    ///
    /// - Throws: ``CognitoError``: the token is not good, or not any more.
    func owner() async throws(CognitoError) -> SignedIn {
        let owner: TokenOwner
        do {
            owner = try await flow.owner(ofPoolAccessToken: input.required("AccessToken"))
        } catch {
            throw CognitoError(error)
        }
        switch owner {
        case .signedIn(let signedIn): return signedIn
        case .invalid: throw .invalidAccessToken
        case .expired: throw .expiredAccessToken
        case .revoked: throw .revokedAccessToken
        }
    }

    /// In which the owner of an access token does something to the own account.
    func context(of owner: SignedIn) -> SignInContext {
        SignInContext(
            door: .web, service: owner.session.service, host: door.settings.host,
            source: call.source)
    }
}
