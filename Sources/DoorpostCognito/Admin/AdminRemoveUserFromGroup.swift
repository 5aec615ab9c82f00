import DoorpostCore

/// `AdminRemoveUserFromGroup`: takes somebody out of a group.
struct AdminRemoveUserFromGroup: Operation {
    let name = "AdminRemoveUserFromGroup"
    let access = Access.changing
    let input = Structure(
        .required("UserPoolId", .poolID),
        .required("Username", .username),
        .required("GroupName", .groupName))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        try request.setMember(false)
    }
}
