import DoorpostCore
import DoorpostHTTP

// What administrators' operations have in common.
extension OperationRequest {
    /// The user pool's id.
    var pool: String { door.settings.pool }

    /// Asks the store.
    func stored<T>(_ ask: (any Store) throws(StoreError) -> T) throws(CognitoError) -> T {
        do {
            return try ask(store)
        } catch {
            throw CognitoError(error)
        }
    }

    /// The user that `Username` names: whatever they can sign in by.
    ///
    /// - Throws: ``CognitoError``: the pool is another's, or there is nobody of the name.
    func namedUser() throws(CognitoError) -> User {
        try checkPool()
        guard let reference = Person(input.required("Username")).name.reference else {
            throw .noUser
        }
        let user = try stored { (store) throws(StoreError) in try store.user(reference) }
        guard let user else { throw .noUser }
        return user
    }

    /// Changes the named user, with an audit record.
    ///
    /// - Parameter taken: the error if somebody else has the new address.
    func changeUser(
        _ detail: String, taken: CognitoError = .aliasExists, _ change: (inout User) -> Void
    ) throws(CognitoError) {
        let user = try namedUser()
        let result: UserChangeResult
        do {
            result = try store.changeUser(
                user.id, audit: audit(.userChanged, user: user.id, detail), change)
        } catch {
            throw error.code == .conflict ? taken : CognitoError(error)
        }
        if result == .gone { throw .noUser }
    }

    /// The record of something that a program of an administrator did: with which key, from where.
    func audit(_ kind: AuditEvent.Kind, user: UserID? = nil, _ detail: String) -> AuditEvent {
        let key = "by key \(signer?.text ?? "")"
        return AuditEvent(
            at: now, kind: kind, user: user, door: "admin", service: "cognito",
            host: door.settings.host, source: call.source.text,
            detail: detail.isEmpty ? key : "\(detail), \(key)")
    }
}
