import DoorpostCore

/// `AdminEnableUser`: a disabled user may sign in again.
struct AdminEnableUser: Operation {
    let name = "AdminEnableUser"
    let access = Access.changing
    let input = Structure(
        .required("UserPoolId", .poolID),
        .required("Username", .username))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        try request.changeUser("enabled") { $0.isEnabled = true }
        return .object([:])
    }
}
