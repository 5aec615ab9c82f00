/// Copies all that one store holds into another one, whatever engine keeps either.
///
/// Killed at any moment and run again, it goes on. What is there already is compared with what the
/// source holds now: if that changed meanwhile, the copy begins anew. At the end everything is
/// read back and compared; only then can the target be used.
package struct RecordCopy {
    private let source: any RecordSource
    private let target: any RecordTarget
    private let pageSize: Int
    private let report: (Progress) -> Void

    /// How far it is.
    package struct Progress: Hashable, Sendable {
        package enum Step: Hashable, Sendable {
            case copying
            case checking
            /// What had been copied is not what the source holds now.
            case beginningAnew
        }

        package var step: Step
        package var collection: String
        package var done: Int
        package var total: Int
    }

    /// What was copied of a collection.
    package struct Copied: Hashable, Sendable {
        package var collection: String
        package var count: Int
        /// SHA-256 over all records, the same in both stores.
        package var checksum: String
    }

    /// - Parameters:
    ///   - pageSize: how many records are in hand at once, and are written at once.
    ///   - report: is told of every page.
    package init(
        from source: any RecordSource, to target: any RecordTarget, pageSize: Int = 1000,
        report: @escaping (Progress) -> Void = { _ in }
    ) {
        self.source = source
        self.target = target
        self.pageSize = pageSize
        self.report = report
    }

    /// Copies, compares, and makes the target usable.
    ///
    /// - Parameter audit: is written into the target's trail.
    /// - Throws: ``StoreError``; ``StoreError/Code/refused`` if the target is not empty, or does
    ///   not hold what it should in the end. Then it stays unusable.
    package func run(audit: AuditEvent) throws(StoreError) -> [Copied] {
        try begin()
        let digests = try copyOrBeginAnew()
        try target.holdStill()
        var copied: [Copied] = []
        for (collection, digest) in zip(RecordCollection.all, digests) {
            guard try self.digest(of: collection, step: .checking) == digest else {
                throw StoreError(
                    .refused,
                    "\(target.place) does not hold in `\(collection.name)` what \(source.place) "
                        + "does. It cannot be used; run the copy again, which begins anew.")
            }
            copied.append(
                Copied(
                    collection: collection.name, count: digest.count, checksum: digest.checksum))
        }
        var lastNumbers: [String: Int64] = [:]
        for collection in RecordCollection.all where collection.isNumbered {
            lastNumbers[collection.name] = try source.lastNumber(of: collection)
        }
        try target.finish(lastNumbers: lastNumbers, audit: audit)
        return copied
    }

    private func begin() throws(StoreError) {
        switch try target.content() {
        case .nothing: try target.begin(from: source.place)
        case .part(let other):
            guard other == source.place else {
                throw StoreError(
                    .refused,
                    "\(target.place) holds part of a copy of \(other). Finish that one, or empty "
                        + "the store.")
            }
        case .records:
            throw StoreError(
                .refused,
                "\(target.place) is not empty: it is in use, or was copied already. A copy goes "
                    + "into an empty store only.")
        }
    }

    private func copyOrBeginAnew() throws(StoreError) -> [RecordDigest] {
        if let digests = try copyAll() { return digests }
        report(Progress(step: .beginningAnew, collection: "", done: 0, total: 0))
        try target.clear()
        guard let digests = try copyAll() else {
            throw StoreError(.corrupt, "\(target.place) cannot be emptied. Empty it by hand.")
        }
        return digests
    }

    /// - Returns: what the source holds; nil if the target holds anything else.
    private func copyAll() throws(StoreError) -> [RecordDigest]? {
        var digests: [RecordDigest] = []
        for collection in RecordCollection.all {
            guard let digest = try copy(collection) else { return nil }
            digests.append(digest)
        }
        return digests
    }

    private func copy(_ collection: RecordCollection) throws(StoreError) -> RecordDigest? {
        let total = try source.count(of: collection)
        let there = try digest(of: collection, step: .checking)
        var digest = RecordDigest()
        var last: StoreRecord?
        while digest.count < there.count {
            let limit = min(pageSize, there.count - digest.count)
            let page = try source.records(of: collection, after: last, limit: limit)
            guard let end = page.last else { return nil }
            digest.add(page)
            last = end
        }
        guard digest == there else { return nil }
        while true {
            let page = try source.records(of: collection, after: last, limit: pageSize)
            guard let end = page.last else { return digest }
            try target.add(page, to: collection)
            digest.add(page)
            last = end
            report(
                Progress(
                    step: .copying, collection: collection.name, done: digest.count, total: total))
        }
    }

    /// Of what the target holds.
    private func digest(
        of collection: RecordCollection, step: Progress.Step
    ) throws(StoreError) -> RecordDigest {
        var digest = RecordDigest()
        var last: StoreRecord?
        while true {
            let page = try target.records(of: collection, after: last, limit: pageSize)
            guard let end = page.last else { return digest }
            digest.add(page)
            last = end
            report(
                Progress(
                    step: step, collection: collection.name, done: digest.count,
                    total: digest.count))
        }
    }
}
