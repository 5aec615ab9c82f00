import DoorpostCore

/// `AdminUpdateUserAttributes`: an administrator's program changes who
/// somebody is. A new address ends codes and sessions, as `doorpost user set` does;
/// that of somebody with a Linux login is changed there alone.
struct AdminUpdateUserAttributes: Operation {
    let name = "AdminUpdateUserAttributes"
    let access = Access.changing
    let input = Structure(
        .required("UserPoolId", .poolID),
        .required("Username", .username),
        .required("UserAttributes", .attributes),
        .optional("ClientMetadata", .texts))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        let attributes = try AdminAttributes(request.input.structures("UserAttributes"))
        var isRefused = false
        try request.changeUser(attributes.text) { user in
            // Whoever has the mailbox has the Linux account: a key must not give that away.
            isRefused = user.login != nil && attributes.moves(user)
            if !isRefused { attributes.apply(to: &user) }
        }
        guard !isRefused else { throw .linuxAddress }
        return .object([:])
    }
}
