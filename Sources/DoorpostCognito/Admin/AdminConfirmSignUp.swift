import DoorpostCore

/// `AdminConfirmSignUp`: whoever is a user here is confirmed already;
/// who signed up and has entered no code yet is no user, and becomes one by `AdminCreateUser`.
struct AdminConfirmSignUp: Operation {
    let name = "AdminConfirmSignUp"
    let access = Access.changing
    let input = Structure(
        .required("UserPoolId", .poolID),
        .required("Username", .username),
        .optional("ClientMetadata", .texts))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        _ = try request.namedUser()
        throw .notAuthorized("User cannot be confirmed. Current status is CONFIRMED")
    }
}
