import DoorpostCore

/// `AdminListUserAuthEvents`: who tried to sign in as a user, and from where,
/// newest first: the audit trail.
struct AdminListUserAuthEvents: Operation {
    let name = "AdminListUserAuthEvents"
    let access = Access.reading
    let input = Structure(
        .required("UserPoolId", .poolID),
        .required("Username", .username),
        .optional("MaxResults", .pageSize),
        .optional("NextToken", .pageToken))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        let user = try request.namedUser()
        let page = try Page(
            request, size: "MaxResults", token: "NextToken", of: [name, user.id.text])
        let query = AuditQuery(
            before: page.after?.first.flatMap { Int64($0) }, kinds: Array(AuthEvent.kinds.keys),
            user: user.id, limit: page.wanted)
        let found = try request.stored { (store) throws(StoreError) in
            try store.auditTrail(query)
        }
        let (records, next) = try page.cut(found.reversed()) { ["\($0.sequence)"] }
        return .members([
            "AuthEvents": .list(records.compactMap(AuthEvent.value)), "NextToken": next,
        ])
    }
}
