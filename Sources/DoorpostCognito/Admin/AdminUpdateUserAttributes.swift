/// `AdminUpdateUserAttributes`: an administrator's program changes who
/// somebody is. A new address ends codes and sessions, as `doorpost user set` does.
struct AdminUpdateUserAttributes: Operation {
    let name = "AdminUpdateUserAttributes"
    let access = Access.changing
    let input = Structure(
        .required("UserPoolId", .poolID),
        .required("Username", .username),
        .required("UserAttributes", .attributes),
        .optional("ClientMetadata", .texts))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        try request.checkPool()
        let attributes = try AdminAttributes(request.input.structures("UserAttributes"))
        try request.changeUser(attributes.text) { attributes.apply(to: &$0) }
        return .object([:])
    }
}
