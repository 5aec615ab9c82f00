import DoorpostCore

/// What `CreateUserPoolClient` asks for, as a client of ours.
struct ClientRequest {
    let client: AppClient

    /// - Throws: ``CognitoError``: it cannot be had here.
    init(_ request: OperationRequest) throws(CognitoError) {
        let input = request.input
        let name = input.required("ClientName")
        guard ClientLimits.isName(name) else {
            throw .invalidParameter("ClientName must be printable, without blanks around it.")
        }
        guard (input.strings("AllowedOAuthFlows") ?? []).isEmpty,
            input.flag("AllowedOAuthFlowsUserPoolClient") != true
        else { throw .noHostedPages }
        var client = AppClient(
            id: ClientID.draw(from: request.flow.random), name: name,
            flows: Self.flows(input.strings("ExplicitAuthFlows")), createdAt: request.now)
        let units = input.structure("TokenValidityUnits")
        client.idLifetime = try Self.span(
            input.integer("IdTokenValidity"), units.text("IdToken") ?? "hours",
            ClientLimits.tokenLifetimes)
        client.accessLifetime = try Self.span(
            input.integer("AccessTokenValidity"), units.text("AccessToken") ?? "hours",
            ClientLimits.tokenLifetimes)
        // 0 is what nothing is.
        let refresh = input.integer("RefreshTokenValidity").flatMap { $0 == 0 ? nil : $0 }
        client.refreshLifetime = try Self.span(
            refresh, units.text("RefreshToken") ?? "days", ClientLimits.refreshLifetimes)
        if let minutes = input.integer("AuthSessionValidity") {
            client.sessionLifetime = .minutes(Int64(minutes))
        }
        let rotation = input.structure("RefreshTokenRotation")
        if rotation.text("Feature") == "ENABLED" {
            client.refreshGrace = .seconds(Int64(rotation.integer("RetryGracePeriodSeconds") ?? 0))
            // Cognito asks for no flow of a client that rotates; here refreshing is one.
            client.flows.insert(.refresh)
        }
        self.client = client
    }

    private static func span(_ count: Int?, _ unit: String, _ range: ClosedRange<Span>)
        throws(CognitoError) -> Span?
    {
        guard let count else { return nil }
        return try TokenValidity.span(count, unit, within: range)
    }

    /// Those that there are here; those with passwords are left out, and the answer says so.
    private static func flows(_ names: [String]?) -> Set<ClientFlow> {
        guard let names, !names.isEmpty else { return [.custom, .refresh] }
        let legacy: Set<ClientFlow> =
            names.contains("CUSTOM_AUTH_FLOW_ONLY") ? [.custom, .refresh] : []
        return legacy.union(names.compactMap { ClientFlow(rawValue: $0) })
    }
}
