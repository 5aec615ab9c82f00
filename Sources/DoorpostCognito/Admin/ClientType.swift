import DoorpostCore

/// `UserPoolClientType` of the service model.
enum ClientType {
    /// - Parameters:
    ///   - secret: the client's, in clear: programs fetch it here, to make a `SECRET_HASH` with.
    ///   - policy: what holds where the client says nothing.
    static func value(
        _ client: AppClient, pool: String, secret: ClientSecret?, policy: WebPolicy
    ) -> JSONValue {
        let id = TokenValidity(client.idLifetime ?? policy.idLifetime)
        let access = TokenValidity(client.accessLifetime ?? policy.accessLifetime)
        let refresh = TokenValidity(client.refreshLifetime ?? policy.refreshLifetime)
        // With rotation, Cognito knows no REFRESH_TOKEN_AUTH; nor is it answered here.
        let flows = client.flows.filter { client.refreshGrace == nil || $0 != .refresh }
        return .members([
            "UserPoolId": .string(pool),
            "ClientName": .string(client.name),
            "ClientId": .string(client.id.text),
            "ClientSecret": secret.map { .string($0.text) },
            "CreationDate": .time(client.createdAt),
            "LastModifiedDate": .time(client.createdAt),
            "IdTokenValidity": .integer(id.count),
            "AccessTokenValidity": .integer(access.count),
            "RefreshTokenValidity": .integer(refresh.count),
            "TokenValidityUnits": .texts([
                "IdToken": id.unit, "AccessToken": access.unit, "RefreshToken": refresh.unit,
            ]),
            "AuthSessionValidity": .integer(client.sessionLifetime.milliseconds / 60_000),
            "ExplicitAuthFlows": .list(flows.map(\.rawValue).sorted().map(JSONValue.string)),
            "PreventUserExistenceErrors": .string("ENABLED"),
            "EnableTokenRevocation": .bool(true),
            "RefreshTokenRotation": rotation(client.refreshGrace),
        ])
    }

    private static func rotation(_ grace: Span?) -> JSONValue {
        guard let grace else { return .texts(["Feature": "DISABLED"]) }
        return .object([
            "Feature": .string("ENABLED"), "RetryGracePeriodSeconds": .integer(grace.wholeSeconds),
        ])
    }
}
