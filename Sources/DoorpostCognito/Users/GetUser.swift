import DoorpostCore

/// `GetUser`: who the owner of an access token is.
struct GetUser: Operation {
    let name = "GetUser"
    let input = Structure(.required("AccessToken", .token))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        let user = try await request.owner().user
        return .object([
            "Username": .string(user.id.text), "UserAttributes": UserAttributes.list(of: user),
        ])
    }
}
