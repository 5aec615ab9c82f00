import DoorpostCore

/// `AdminUserGlobalSignOut`: ends all sessions of a user.
struct AdminUserGlobalSignOut: Operation {
    let name = "AdminUserGlobalSignOut"
    let access = Access.changing
    let input = Structure(
        .required("UserPoolId", .poolID),
        .required("Username", .username))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        let user = try request.namedUser()
        let audit = request.audit(.sessionRevoked, user: user.id, "all sessions")
        _ = try request.stored { (store) throws(StoreError) in
            try store.revokeSessions(of: user.id, audit: audit)
        }
        return .object([:])
    }
}
