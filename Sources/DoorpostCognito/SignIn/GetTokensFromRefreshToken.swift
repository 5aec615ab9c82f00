import DoorpostCore

/// `GetTokensFromRefreshToken`: new tokens for a refresh token, which is rotated where the client
/// has that on.
struct GetTokensFromRefreshToken: Operation {
    let name = "GetTokensFromRefreshToken"
    let input = Structure(
        .required("RefreshToken", .token),
        .required("ClientId", .clientID),
        .optional("ClientSecret", .clientSecret),
        .optional("DeviceKey", .deviceKey),
        .optional("ClientMetadata", .texts))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        let client = try request.client()
        try request.checkSecret(request.input.text("ClientSecret"), of: client)
        try request.require(.refresh, of: client, as: "REFRESH_TOKEN_AUTH")
        let result = try await AuthRefresh(request, client, source: nil)
            .result(for: request.input.required("RefreshToken"))
        return .object(["AuthenticationResult": result])
    }
}
