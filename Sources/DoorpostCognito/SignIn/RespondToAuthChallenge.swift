import DoorpostCore

/// `RespondToAuthChallenge`: the answer to a challenge.
struct RespondToAuthChallenge: Operation {
    let name = "RespondToAuthChallenge"
    let input = Structure(
        .required("ClientId", .clientID),
        .required("ChallengeName", .challengeName),
        .optional("Session", .session),
        .optional("ChallengeResponses", .secretTexts),
        .optional("AnalyticsMetadata", .analytics),
        .optional("UserContextData", .userContext),
        .optional("ClientMetadata", .texts))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        try await AuthAnswer(request, source: nil).answer()
    }
}
