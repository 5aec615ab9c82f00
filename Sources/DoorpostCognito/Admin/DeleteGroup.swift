import DoorpostCore

/// `DeleteGroup`: removes a group; its members are out of it.
struct DeleteGroup: Operation {
    let name = "DeleteGroup"
    let access = Access.changing
    let input = Structure(
        .required("GroupName", .groupName),
        .required("UserPoolId", .poolID))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        let group = try request.namedGroup()
        let audit = request.audit(.groupRemoved, group.name)
        let isGone = try request.stored { (store) throws(StoreError) in
            try store.removeGroup(group.name, audit: audit)
        }
        guard isGone else { throw .noGroup }
        return .object([:])
    }
}
