import DoorpostCore

/// `AdminListGroupsForUser`: the groups that a user is in.
struct AdminListGroupsForUser: Operation {
    let name = "AdminListGroupsForUser"
    let access = Access.reading
    let input = Structure(
        .required("Username", .username),
        .required("UserPoolId", .poolID),
        .optional("Limit", .pageSize),
        .optional("NextToken", .pageToken))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        let user = try request.namedUser()
        let page = try Page(
            request, size: "Limit", token: "NextToken", of: [name, user.id.text])
        let names = user.groups.filter { group in
            page.after?.first.map { $0.utf8.lexicographicallyPrecedes(group.utf8) } ?? true
        }
        let found = try request.stored { (store) throws(StoreError) in
            var found: [UserGroup] = []
            for name in names.prefix(page.wanted) {
                if let group = try store.group(name) { found.append(group) }
            }
            return found
        }
        let (groups, next) = try page.cut(found) { [$0.name] }
        return .members([
            "Groups": .list(groups.map { GroupType.value($0, pool: request.pool) }),
            "NextToken": next,
        ])
    }
}
