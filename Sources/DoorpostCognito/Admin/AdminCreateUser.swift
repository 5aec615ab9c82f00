import DoorpostCore

/// `AdminCreateUser`: an administrator's program adds a user.
/// There is no password, so no invitation either: the user signs in with a mailed code.
struct AdminCreateUser: Operation {
    let name = "AdminCreateUser"
    let access = Access.changing
    let input = Structure(
        .required("UserPoolId", .poolID),
        .required("Username", .username),
        .optional("UserAttributes", .attributes),
        .optional("ValidationData", .attributes),
        .optional("TemporaryPassword", .password),
        .optional("ForceAliasCreation", .boolean),
        .optional("MessageAction", .oneOf(["RESEND", "SUPPRESS"])),
        .optional("DesiredDeliveryMediums", .list(.oneOf(["SMS", "EMAIL"]))),
        .optional("ClientMetadata", .texts))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        if request.input.text("MessageAction") == "RESEND" {
            throw .noResend(try request.namedUser().id.text)
        }
        try request.checkPool()
        guard let address = EmailAddress(request.input.required("Username")) else {
            throw .invalidParameter("Username should be an email.")
        }
        let attributes = try AdminAttributes(request.input.structures("UserAttributes"))
        guard attributes.email == nil || attributes.email == address else {
            throw .invalidParameter("The email attribute and the user name must be the same.")
        }
        var user = User(
            id: request.flow.drawUserID(), email: address, createdAt: request.now)
        attributes.apply(to: &user)
        do {
            try await request.flow.askBeforeAdding(
                user, metadata: request.input.texts("ClientMetadata"),
                validationData: request.input.pairs("ValidationData"))
        } catch {
            throw CognitoError(error)
        }
        do {
            try request.store.addUser(
                user, audit: request.audit(.userAdded, user: user.id, address.canonical))
        } catch {
            throw error.code == .conflict ? .usernameExists : CognitoError(error)
        }
        return .object(["User": UserType.value(user)])
    }
}
