/// Groups, and who is in them. A group that somebody is given (``UserStore/addUser(_:audit:)``,
/// ``UserStore/updateUser(_:audit:)``) is there from then on, with members or without.
package protocol GroupStore: Sendable {
    /// Adds a group without members, with an audit record.
    ///
    /// - Throws: ``StoreError/Code/conflict`` if there is one of this name.
    func addGroup(_ group: UserGroup, audit: AuditEvent) throws(StoreError)

    /// The group of this name, or nil.
    func group(_ name: String) throws(StoreError) -> UserGroup?

    /// Groups in the order of their names, after `after`, at most `limit`.
    func groups(after: String?, limit: Int) throws(StoreError) -> [UserGroup]

    /// Removes a group, and all its members from it, with an audit record.
    ///
    /// - Returns: false if there is none of this name; then nothing is written.
    func removeGroup(_ name: String, audit: AuditEvent) throws(StoreError) -> Bool

    /// Members of a group in the order of their ids, after `after`, at most `limit`.
    func users(inGroup name: String, after: UserID?, limit: Int) throws(StoreError) -> [User]

    /// Puts a user into a group, or takes them out, with an audit record. Who is there already,
    /// or not there, stays so, and nothing is written.
    func setMember(_ user: UserID, of group: String, to isMember: Bool, audit: AuditEvent)
        throws(StoreError) -> MembershipResult
}

/// What became of a user's membership.
package enum MembershipResult: Hashable, Sendable {
    case changed, unchanged, noUser, noGroup
}
