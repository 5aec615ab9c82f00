import DoorpostCore

/// `GlobalSignOut`: the owner of an access token is signed out everywhere.
struct GlobalSignOut: Operation {
    let name = "GlobalSignOut"
    let input = Structure(.required("AccessToken", .token))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        let owner = try await request.owner()
        do {
            try request.flow.signOutEverywhere(owner, in: request.context(of: owner))
        } catch {
            throw CognitoError(error)
        }
        return .object([:])
    }
}
