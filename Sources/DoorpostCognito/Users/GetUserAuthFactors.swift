import DoorpostCore

/// `GetUserAuthFactors`: by which factors the owner of an access token may sign in. There is one.
struct GetUserAuthFactors: Operation {
    let name = "GetUserAuthFactors"
    let input = Structure(.required("AccessToken", .token))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        let user = try await request.owner().user
        return .object([
            "Username": .string(user.id.text),
            "ConfiguredUserAuthFactors": .list([.string("EMAIL_OTP")]),
        ])
    }
}
