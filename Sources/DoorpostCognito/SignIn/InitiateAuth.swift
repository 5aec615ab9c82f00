import DoorpostCore

/// `InitiateAuth`: a program asks that somebody be signed in, or trades a refresh token.
struct InitiateAuth: Operation {
    let name = "InitiateAuth"
    let input = Structure(
        .required("AuthFlow", .authFlow),
        .optional("AuthParameters", .secretTexts),
        .optional("ClientMetadata", .texts),
        .required("ClientId", .clientID),
        .optional("AnalyticsMetadata", .analytics),
        .optional("UserContextData", .userContext),
        .optional("Session", .session))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        try await AuthStart(request, source: nil).answer()
    }
}
