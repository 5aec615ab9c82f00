/// Machines that ask this Doorpost to sign people in there.
package protocol HostStore: Sendable {
    /// Adds a host, with an audit record.
    ///
    /// - Throws: ``StoreError/Code/conflict`` if the id is taken, or a live host has the name.
    func addHost(_ host: EnrolledHost, audit: AuditEvent) throws(StoreError)

    /// The host with this id, revoked or not, or nil.
    func host(_ id: HostID) throws(StoreError) -> EnrolledHost?

    /// All hosts in the order of their names, and of one name in the order of their making.
    func hosts() throws(StoreError) -> [EnrolledHost]

    /// Revokes the live host of this name from `audit.at` on, and all live PAM sessions on it,
    /// with an audit record.
    ///
    /// - Returns: false if there is none; then nothing is written.
    func revokeHost(named name: String, audit: AuditEvent) throws(StoreError) -> Bool
}
