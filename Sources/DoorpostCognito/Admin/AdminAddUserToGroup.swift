import DoorpostCore

/// `AdminAddUserToGroup`: puts somebody into a group; tokens made from then on
/// say so.
struct AdminAddUserToGroup: Operation {
    let name = "AdminAddUserToGroup"
    let access = Access.changing
    let input = Structure(
        .required("UserPoolId", .poolID),
        .required("Username", .username),
        .required("GroupName", .groupName))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        try request.setMember(true)
    }
}
