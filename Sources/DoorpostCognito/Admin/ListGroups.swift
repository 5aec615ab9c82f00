import DoorpostCore

/// `ListGroups`: all groups, by their names.
struct ListGroups: Operation {
    let name = "ListGroups"
    let access = Access.reading
    let input = Structure(
        .required("UserPoolId", .poolID),
        .optional("Limit", .pageSize),
        .optional("NextToken", .pageToken))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        try request.checkPool()
        let page = try Page(request, size: "Limit", token: "NextToken", of: [name])
        let found = try request.stored { (store) throws(StoreError) in
            try store.groups(after: page.after?.first, limit: page.wanted)
        }
        let (groups, next) = try page.cut(found) { [$0.name] }
        return .members([
            "Groups": .list(groups.map { GroupType.value($0, pool: request.pool) }),
            "NextToken": next,
        ])
    }
}
