import DoorpostCore

/// What `InitiateAuth` and `RespondToAuthChallenge` answer.
enum AuthOutput {
    /// Somebody is signed in.
    static func signedIn(_ result: JSONValue) -> JSONValue {
        .object(["AuthenticationResult": result, "ChallengeParameters": .object([:])])
    }

    /// `AuthenticationResult`.
    ///
    /// - Parameter withRefreshToken: whether the program is to keep a new one.
    static func result(_ grant: WebGrant, withRefreshToken: Bool) -> JSONValue {
        .members([
            "AccessToken": .string(grant.accessToken),
            "IdToken": .string(grant.idToken),
            "RefreshToken": withRefreshToken ? .string(grant.refreshToken) : nil,
            "TokenType": .string("Bearer"),
            "ExpiresIn": .integer(grant.expiresIn.milliseconds / 1000),
        ])
    }

    /// A question to put to the person.
    static func challenge(
        _ name: String, _ session: ChallengeHandle, _ parameters: [String: String],
        choices: [String]? = nil
    ) -> JSONValue {
        .members([
            "ChallengeName": .string(name),
            "Session": .string(session.text),
            "ChallengeParameters": .texts(parameters),
            "AvailableChallenges": choices.map { .list($0.map(JSONValue.string)) },
        ])
    }
}
