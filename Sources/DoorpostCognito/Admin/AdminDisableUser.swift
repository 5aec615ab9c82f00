import DoorpostCore

/// `AdminDisableUser`: somebody may sign in no more; codes and sessions end.
struct AdminDisableUser: Operation {
    let name = "AdminDisableUser"
    let access = Access.changing
    let input = Structure(
        .required("UserPoolId", .poolID),
        .required("Username", .username))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        try request.changeUser("disabled") { $0.isEnabled = false }
        return .object([:])
    }
}
