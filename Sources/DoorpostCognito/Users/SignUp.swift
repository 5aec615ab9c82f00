import DoorpostCore

/// `SignUp`: somebody wants to become a user, and does when the mailed code comes back.
struct SignUp: Operation {
    let name = "SignUp"
    let input = Structure(
        .required("ClientId", .clientID),
        .optional("SecretHash", .secretHash),
        .required("Username", .username),
        .optional("Password", .password),
        .optional("UserAttributes", .attributes),
        .optional("ValidationData", .attributes),
        .optional("AnalyticsMetadata", .analytics),
        .optional("UserContextData", .userContext),
        .optional("ClientMetadata", .texts))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        var codes = try SignUpCodes(request)
        let values = try UserAttributes.read(request.input.structures("UserAttributes"))
        if let email = values["email"], EmailAddress(email) != codes.address {
            throw .invalidParameter("The attribute email must be the same as the user name.")
        }
        // Until the code comes back nothing is kept that a stranger says of somebody: a name is
        // looked at, and given once the user is signed in.
        if let name = values["name"] { _ = try UserAttributes.name(name) }
        codes.tellTriggers(values)
        return try await codes.start()
    }
}
