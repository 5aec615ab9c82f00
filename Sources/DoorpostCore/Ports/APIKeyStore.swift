/// Keys of administrators' programs, and the signatures that were made with them.
package protocol APIKeyStore: Sendable {
    /// Adds a key, with an audit record.
    ///
    /// - Throws: ``StoreError/Code/conflict`` if the id or the name is taken.
    func addAPIKey(_ key: APIKey, audit: AuditEvent) throws(StoreError)

    /// The key with this id, or nil.
    func apiKey(_ id: APIKeyID) throws(StoreError) -> APIKey?

    /// All keys in the order of their names.
    func apiKeys() throws(StoreError) -> [APIKey]

    /// Removes a key, with an audit record.
    ///
    /// - Returns: false if there is no such key; then nothing is written.
    func removeAPIKey(_ id: APIKeyID, audit: AuditEvent) throws(StoreError) -> Bool

    /// Notes that a signature was used, for all processes and until `expiresAt`, when its date
    /// makes it worthless. ``Store/purge(now:limit:)`` forgets it then.
    ///
    /// - Returns: false if it was used before.
    func useSignature(_ signature: String, expiresAt: Timestamp) throws(StoreError) -> Bool
}
