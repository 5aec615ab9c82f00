import DoorpostCore

/// `ResendConfirmationCode`: the code of a sign-up, mailed again.
struct ResendConfirmationCode: Operation {
    let name = "ResendConfirmationCode"
    let input = Structure(
        .required("ClientId", .clientID),
        .optional("SecretHash", .secretHash),
        .optional("UserContextData", .userContext),
        .required("Username", .username),
        .optional("AnalyticsMetadata", .analytics),
        .optional("ClientMetadata", .texts))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        try await SignUpCodes(request).resend()
    }
}
