import DoorpostCore

/// `CreateUserPoolClient`: a program that may sign people in.
struct CreateUserPoolClient: Operation {
    let name = "CreateUserPoolClient"
    let access = Access.changing
    let input = Structure(
        .required("UserPoolId", .poolID),
        .required("ClientName", .string(StringRule(length: 1...128, pattern: .plainName))),
        .optional("GenerateSecret", .boolean),
        .optional("ClientSecret", .clientSecret),
        .optional("RefreshTokenValidity", .integer(0...315_360_000)),
        .optional("AccessTokenValidity", .integer(1...86400)),
        .optional("IdTokenValidity", .integer(1...86400)),
        .optional(
            "TokenValidityUnits",
            .structure(
                Structure(
                    .optional("AccessToken", .timeUnit), .optional("IdToken", .timeUnit),
                    .optional("RefreshToken", .timeUnit)))),
        .optional("ReadAttributes", .list(.string(StringRule(length: 1...2048)))),
        .optional("WriteAttributes", .list(.string(StringRule(length: 1...2048)))),
        .optional(
            "ExplicitAuthFlows",
            .list(
                .oneOf([
                    "ADMIN_NO_SRP_AUTH", "CUSTOM_AUTH_FLOW_ONLY", "USER_PASSWORD_AUTH",
                    "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_CUSTOM_AUTH",
                    "ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH",
                    "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_AUTH",
                    "ALLOW_TOKEN_EXCHANGE_DELEGATION", "ALLOW_TOKEN_EXCHANGE_IMPERSONATION",
                ]))),
        .optional(
            "SupportedIdentityProviders",
            .list(.string(StringRule(length: 1...32, pattern: .words)))),
        .optional("CallbackURLs", .list(.url, count: 0...100)),
        .optional("LogoutURLs", .list(.url, count: 0...100)),
        .optional("DefaultRedirectURI", .url),
        .optional(
            "AllowedOAuthFlows",
            .list(.oneOf(["code", "implicit", "client_credentials"]), count: 0...3)),
        .optional(
            "AllowedOAuthScopes",
            .list(.string(StringRule(length: 1...256, pattern: .scope)), count: 0...50)),
        .optional("AllowedOAuthFlowsUserPoolClient", .boolean),
        .optional(
            "AnalyticsConfiguration",
            .structure(
                Structure(
                    .optional("ApplicationId", .string(StringRule(pattern: .hex))),
                    .optional("ApplicationArn", .arn), .optional("RoleArn", .arn),
                    .optional("ExternalId", .text), .optional("UserDataShared", .boolean)))),
        .optional("PreventUserExistenceErrors", .oneOf(["LEGACY", "ENABLED"])),
        .optional("EnableTokenRevocation", .boolean),
        .optional("EnablePropagateAdditionalUserContextData", .boolean),
        .optional("AuthSessionValidity", .integer(3...15)),
        .optional(
            "RefreshTokenRotation",
            .structure(
                Structure(
                    .required("Feature", .oneOf(["ENABLED", "DISABLED"])),
                    .optional("RetryGracePeriodSeconds", .integer(0...60))))))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        try request.checkPool()
        var client = try ClientRequest(request).client
        let secret = try keepSecret(request, of: &client)
        do {
            try request.store.addClient(
                client, audit: request.audit(.clientAdded, "\(client.id) \(client.name)"))
        } catch {
            throw error.code == .conflict
                ? .invalidParameter("There is a client of this name already.")
                : CognitoError(error)
        }
        return .object([
            "UserPoolClient": ClientType.value(
                client, pool: request.pool, secret: secret,
                policy: request.flow.policy.web)
        ])
    }

    /// The secret that was brought along, or a new one if one is wanted.
    private func keepSecret(_ request: OperationRequest, of client: inout AppClient)
        throws(CognitoError) -> ClientSecret?
    {
        let brought = request.input.text("ClientSecret").map { ClientSecret($0) }
        let isWanted = request.input.flag("GenerateSecret") == true
        guard brought == nil || !isWanted else {
            throw .invalidParameter("Give GenerateSecret or ClientSecret, not both.")
        }
        do {
            if let brought {
                try client.keep(brought, keys: request.flow.keys)
                return brought
            }
            guard isWanted else { return nil }
            return try client.addSecret(keys: request.flow.keys, random: request.flow.random)
        } catch {
            throw .internal("a client's secret cannot be sealed: \(error)")
        }
    }
}
