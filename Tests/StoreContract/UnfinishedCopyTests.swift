import DoorpostCore
import DoorpostTesting
import Foundation
import Testing

/// A copy that was killed, or that went wrong.
@Suite struct UnfinishedCopyTests {
    /// `store-racer copy`, stopped before each of its steps.
    private func copier(_ from: String, _ to: String) throws -> Racer {
        try Racer("copy", from, to)
    }

    /// Whether somebody could sign in with the store.
    private func isUsable(_ place: String) -> Bool { (try? openStore(place, create: false)) != nil }

    private func expectSame(_ from: String, _ to: String) throws {
        let before = try allRecords(from)
        var after = try allRecords(to)
        let added = after["audit"]?.popLast()
        #expect(added?.contains(.text("store_copied")) == true)
        #expect(after == before)
    }

    /// Killed after ever so many steps, again and again, it ends as if it never had been.
    @Test(arguments: CopyWay.all)
    func killedAnywhereItGoesOn(_ way: CopyWay) throws {
        try way.withPlaces { from, to in
            var kills = 0
            var isDone = false
            while !isDone {
                let racer = try copier(from, to)
                var steps = 0
                // Ever later, since what is there is looked at first.
                while let line = racer.line() {
                    try #require(!line.hasPrefix("error"), "\(line)")
                    isDone = line == "done"
                    if isDone || steps == kills * 3 { break }
                    steps += 1
                    try racer.gate.write(contentsOf: Data("\n".utf8))
                }
                if isDone { break }
                racer.kill()
                _ = racer.rest()
                kills += 1
                let error = storeError { _ = try openStore(to, create: false) }
                #expect(error?.code == .unavailable)
                #expect(error?.detail.contains("store copy") == true, "\(error as Any)")
                try #require(kills < 200)
            }
            #expect(kills > 8)
            try expectSame(from, to)
        }
    }

    /// Leaves a copy that was killed in the middle.
    private func kill(_ from: String, _ to: String, afterSteps count: Int) throws {
        let racer = try copier(from, to)
        for _ in 0..<count {
            let line = try #require(racer.line())
            try #require(!line.hasPrefix("error"), "\(line)")
            try racer.gate.write(contentsOf: Data("\n".utf8))
        }
        _ = racer.line()
        racer.kill()
        _ = racer.rest()
        #expect(!isUsable(to))
    }

    /// Somebody signed in meanwhile: the part that is there is not taken for the whole.
    @Test(arguments: CopyWay.across, ["added", "changed", "deleted"])
    func itBeginsAnewIfTheSourceHasChanged(_ way: CopyWay, _ change: String) throws {
        try way.withPlaces { from, to in
            try kill(from, to, afterSteps: 12)
            do {
                let store = try openStore(from)
                let audit = Samples.audit(.userChanged)
                switch change {
                case "added": try store.addUser(Samples.user("aaron"), audit: audit)
                case "changed":
                    _ = try store.changeUser(UserID("id-ada"), audit: audit) { $0.name = "Ada" }
                default: _ = try store.deleteUser(UserID("id-bob"), audit: audit)
                }
            }
            try copyStore(from, to)
            try expectSame(from, to)
        }
    }

    @Test(arguments: CopyWay.all)
    func aPartOfAnotherStoreIsLeftAlone(_ way: CopyWay) throws {
        try way.withPlaces { from, to in
            try kill(from, to, afterSteps: 5)
            try withEmptyPlace(way.from) { other in
                _ = try openStore(other)
                let error = storeError { try copyStore(other, to) }
                #expect(error?.code == .refused)
                #expect(error?.detail.contains(from) == true)
            }
            try copyStore(from, to)
            try expectSame(from, to)
        }
    }

    /// What was read back is not what was read: nobody signs in with such a store.
    @Test(arguments: StoreKind.shared, ["value", "record", "more"])
    func aStoreThatHoldsSomethingElseIsNotUsable(_ kind: StoreKind, _ fault: String) throws {
        try CopyWay(from: .sqlite, to: kind).withPlaces { from, to in
            do {
                let source = try openSource(from)
                let target = UntrueTarget(try openTarget(to), fault)
                let error = storeError {
                    _ = try RecordCopy(from: source, to: target).run(audit: Samples.audit())
                }
                #expect(error?.code == .refused)
                #expect(error?.detail.contains("`users`") == true)
            }
            #expect(!isUsable(to))
            try copyStore(from, to)
            try expectSame(from, to)
        }
    }

    /// It is no source either: half a pool would pass for a whole one.
    @Test(arguments: StoreKind.shared)
    func aPartIsNotCopiedOn(_ kind: StoreKind) throws {
        try CopyWay(from: .sqlite, to: kind).withPlaces { from, to in
            try kill(from, to, afterSteps: 9)
            try withEmptyPlace(.sqlite) { third in
                let error = storeError { try copyStore(to, third) }
                #expect(error?.detail.contains("is not finished") == true)
            }
        }
    }
}

/// Writes users otherwise than it was told to.
private struct UntrueTarget: RecordTarget {
    private let base: any RecordTarget
    private let fault: String

    init(_ base: any RecordTarget, _ fault: String) {
        self.base = base
        self.fault = fault
    }

    var place: String { base.place }
    func count(of collection: RecordCollection) throws(StoreError) -> Int {
        try base.count(of: collection)
    }
    func records(of collection: RecordCollection, after last: StoreRecord?, limit: Int)
        throws(StoreError) -> [StoreRecord]
    {
        try base.records(of: collection, after: last, limit: limit)
    }
    func content() throws(StoreError) -> RecordTargetContent { try base.content() }
    func begin(from source: String) throws(StoreError) { try base.begin(from: source) }
    func clear() throws(StoreError) { try base.clear() }
    func holdStill() throws(StoreError) { try base.holdStill() }
    func finish(lastNumbers: [String: Int64], audit: AuditEvent) throws(StoreError) {
        try base.finish(lastNumbers: lastNumbers, audit: audit)
    }
    func add(
        _ records: [StoreRecord], to collection: RecordCollection
    ) throws(StoreError) {
        var records = records
        if collection == .users {
            switch fault {
            case "value": records[0][3] = .text("somebody else")
            case "record": records.removeLast()
            default:
                var more = records[0]
                more[0] = .text("zzz")
                more[1] = .text("zzz@example.org")
                more[2] = .missing
                records.append(more)
            }
        }
        try base.add(records, to: collection)
    }
}
