import DoorpostCore

/// `AdminGetUser`: one user.
struct AdminGetUser: Operation {
    let name = "AdminGetUser"
    let access = Access.reading
    let input = Structure(
        .required("UserPoolId", .poolID),
        .required("Username", .username))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        let user = try request.namedUser()
        return .object([
            "Username": .string(user.id.text),
            "UserAttributes": UserAttributes.list(of: user),
            "UserCreateDate": .time(user.createdAt),
            "UserLastModifiedDate": .time(user.modifiedAt),
            "Enabled": .bool(user.isEnabled),
            "UserStatus": .string(UserType.status),
        ])
    }
}
