import DoorpostCore
import DoorpostTesting
import Testing

@Suite("Keys of administrators' programs")
struct APIKeyTests {
    private let now = Samples.noon

    private func key(_ id: String, _ name: String) -> APIKey {
        APIKey(id: APIKeyID(id), name: name, sealedSecret: [1, 0, 255], createdAt: now)
    }

    @Test("come, are unique, and go", arguments: StoreKind.allCases)
    func kept(kind: StoreKind) throws {
        try withStore(kind) { store in
            try store.addAPIKey(key("b", "two"), audit: Samples.audit(.apiKeyAdded))
            try store.addAPIKey(key("a", "one"), audit: Samples.audit(.apiKeyAdded))
            #expect(try store.apiKey(APIKeyID("b")) == key("b", "two"))
            #expect(try store.apiKeys() == [key("a", "one"), key("b", "two")])
            for twin in [key("a", "three"), key("c", "one")] {
                let error = storeError {
                    try store.addAPIKey(twin, audit: Samples.audit(.apiKeyAdded))
                }
                #expect(error?.code == .conflict)
            }
            #expect(try store.removeAPIKey(APIKeyID("a"), audit: Samples.audit(.apiKeyRemoved)))
            #expect(try !store.removeAPIKey(APIKeyID("a"), audit: Samples.audit(.apiKeyRemoved)))
            #expect(try store.apiKey(APIKeyID("a")) == nil)
            #expect(try store.auditKinds() == [.apiKeyAdded, .apiKeyAdded, .apiKeyRemoved])
        }
    }

    @Test("sign a request once, until it is too old to count", arguments: StoreKind.allCases)
    func signatures(kind: StoreKind) throws {
        let end = now + .minutes(15)
        try withStore(kind) { store in
            let uses = try ["s", "s", "S"].map { try store.useSignature($0, expiresAt: end) }
            #expect(uses == [true, false, true])
            let early = try store.purge(now: now + .minutes(14), limit: 9)
            #expect(early == 0)
            let again = try store.useSignature("s", expiresAt: end)
            #expect(!again)
            let gone = try [1, 9].map { try store.purge(now: end, limit: $0) }
            #expect(gone == [1, 1])
        }
    }

    @Test("sign a request once, though many come at once", arguments: StoreKind.allCases)
    func raced(kind: StoreKind) throws {
        try withStore(kind) { store in
            let end = now + .minutes(15)
            let taken = race(16) { _ in try? store.useSignature("s", expiresAt: end) }
            #expect(taken.filter { $0 == true }.count == 1)
            #expect(taken.filter { $0 == false }.count == 15)
        }
    }
}
