import DoorpostCore

/// `GetGroup`: one group.
struct GetGroup: Operation {
    let name = "GetGroup"
    let access = Access.reading
    let input = Structure(
        .required("GroupName", .groupName),
        .required("UserPoolId", .poolID))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        let group = try request.namedGroup()
        return .object(["Group": GroupType.value(group, pool: request.pool)])
    }
}
