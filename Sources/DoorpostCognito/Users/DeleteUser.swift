import DoorpostCore

/// `DeleteUser`: the owner of an access token wants to be forgotten.
struct DeleteUser: Operation {
    let name = "DeleteUser"
    let input = Structure(.required("AccessToken", .token))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        let owner = try await request.owner()
        guard owner.user.login == nil else { throw .hasLinuxLogin }
        let isDeleted: Bool
        do {
            isDeleted = try request.flow.deleteAccount(
                of: owner, in: request.context(of: owner))
        } catch {
            throw CognitoError(error)
        }
        // Meanwhile somebody else was faster, and so is gone, too; or an administrator gave the
        // user a login name, which the next try will say.
        guard isDeleted else { throw .revokedAccessToken }
        return .object([:])
    }
}
