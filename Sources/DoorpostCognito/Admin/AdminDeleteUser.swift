import DoorpostCore

/// `AdminDeleteUser`: removes a user, with codes, mails and sessions.
struct AdminDeleteUser: Operation {
    let name = "AdminDeleteUser"
    let access = Access.changing
    let input = Structure(
        .required("UserPoolId", .poolID),
        .required("Username", .username))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        let user = try request.namedUser()
        let audit = request.audit(.userDeleted, user: user.id, user.email.canonical)
        let isGone = try request.stored { (store) throws(StoreError) in
            try store.deleteUser(user.id, audit: audit)
        }
        guard isGone else { throw .noUser }
        return .object([:])
    }
}
