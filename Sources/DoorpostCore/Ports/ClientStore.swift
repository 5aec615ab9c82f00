/// App clients.
package protocol ClientStore: Sendable {
    /// Adds a client, with an audit record.
    ///
    /// - Throws: ``StoreError/Code/conflict`` if the id or the name is taken.
    func addClient(_ client: AppClient, audit: AuditEvent) throws(StoreError)

    /// The client with this id, or nil.
    func client(_ id: ClientID) throws(StoreError) -> AppClient?

    /// All clients in the order of their names: an administrator made each by hand.
    func clients() throws(StoreError) -> [AppClient]

    /// Removes a client and revokes the sessions that it began, with an audit record.
    ///
    /// - Returns: false if there is no such client; then nothing is written.
    func removeClient(_ id: ClientID, audit: AuditEvent) throws(StoreError) -> Bool
}
