import DoorpostCore

/// `AdminRespondToAuthChallenge`: as `RespondToAuthChallenge`, for a back end that is trusted.
struct AdminRespondToAuthChallenge: Operation {
    let name = "AdminRespondToAuthChallenge"
    let access = Access.changing
    let input = Structure(
        .required("UserPoolId", .poolID),
        .required("ClientId", .clientID),
        .required("ChallengeName", .challengeName),
        .optional("ChallengeResponses", .secretTexts),
        .optional("Session", .session),
        .optional("AnalyticsMetadata", .analytics),
        .optional("ContextData", .adminContext),
        .optional("ClientMetadata", .texts))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        try request.checkPool()
        return try await AuthAnswer(request, source: request.toldSource).answer()
    }
}
