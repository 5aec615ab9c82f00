// What a store can give out and take in so that its pool can move to another one. Only
// ``RecordCopy`` speaks to these, while nobody signs in.

/// A store, read as records.
package protocol RecordReader {
    /// As the configuration and messages name it. Holds no secret.
    var place: String { get }

    /// How many records there are.
    func count(of collection: RecordCollection) throws(StoreError) -> Int

    /// The records that come after one, in the order of their keys, at most `limit`.
    ///
    /// - Parameter last: the record; nil begins with the first.
    func records(of collection: RecordCollection, after last: StoreRecord?, limit: Int)
        throws(StoreError) -> [StoreRecord]
}

/// The store that is copied. As long as this lives nobody changes it: sign-ins wait or are denied.
package protocol RecordSource: RecordReader {
    /// The highest number that the store has given to a record of a numbered collection, whether
    /// or not that is still there; 0 if none.
    func lastNumber(of collection: RecordCollection) throws(StoreError) -> Int64
}

/// The store that is filled. Each call is durable when it returns, or did not happen.
package protocol RecordTarget: RecordReader {
    /// What it holds.
    func content() throws(StoreError) -> RecordTargetContent

    /// Marks an empty store as a copy that is not finished: until ``finish(lastNumbers:audit:)``
    /// nobody can open it as a store.
    ///
    /// - Parameter source: what is copied into it.
    func begin(from source: String) throws(StoreError)

    /// Adds records that come after all that are there. All are added, or none.
    func add(_ records: [StoreRecord], to collection: RecordCollection) throws(StoreError)

    /// Deletes all records; the mark stays.
    func clear() throws(StoreError)

    /// From now on nothing changes until ``finish(lastNumbers:audit:)``.
    func holdStill() throws(StoreError)

    /// Takes the mark away: the store is whole, and in use from now on.
    ///
    /// - Parameters:
    ///   - lastNumbers: of numbered collections, by their names: later records get higher ones.
    ///   - audit: is written into the trail.
    func finish(lastNumbers: [String: Int64], audit: AuditEvent) throws(StoreError)
}

/// What a store that is to be filled holds.
package enum RecordTargetContent: Hashable, Sendable {
    case nothing
    /// Part of a copy, begun from there.
    case part(of: String)
    /// Records that no copy is filling in.
    case records
}
