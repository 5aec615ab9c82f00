import DoorpostCore

/// `ListUsersInGroup`: who is in a group, by their ids.
struct ListUsersInGroup: Operation {
    let name = "ListUsersInGroup"
    let access = Access.reading
    let input = Structure(
        .required("UserPoolId", .poolID),
        .required("GroupName", .groupName),
        .optional("Limit", .pageSize),
        .optional("NextToken", .pageToken))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        let group = try request.namedGroup()
        let page = try Page(request, size: "Limit", token: "NextToken", of: [name, group.name])
        let found = try request.stored { (store) throws(StoreError) in
            try store.users(
                inGroup: group.name, after: page.after?.first.map(UserID.init),
                limit: page.wanted)
        }
        let (users, next) = try page.cut(found) { [$0.id.text] }
        return .members([
            "Users": .list(users.map { UserType.value($0) }), "NextToken": next,
        ])
    }
}
