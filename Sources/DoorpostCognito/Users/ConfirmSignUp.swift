import DoorpostCore

/// `ConfirmSignUp`: the code of a sign-up.
struct ConfirmSignUp: Operation {
    let name = "ConfirmSignUp"
    let input = Structure(
        .required("ClientId", .clientID),
        .optional("SecretHash", .secretHash),
        .required("Username", .username),
        .required("ConfirmationCode", .confirmationCode),
        .optional("ForceAliasCreation", .boolean),
        .optional("AnalyticsMetadata", .analytics),
        .optional("UserContextData", .userContext),
        .optional("ClientMetadata", .texts),
        .optional("Session", .session))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        try await SignUpCodes(request).confirm(
            request.input.required("ConfirmationCode"), session: request.input.text("Session"))
    }
}
