import DoorpostCore
import DoorpostTesting
import Foundation
import Testing

@testable import DoorpostPostgres

/// What goes wrong between a store and its server.
@Suite struct PostgresFaultTests {
    let noon = Samples.noon

    /// Runs a test with a proxy before the server, a store behind it, and the URL past it.
    private func withProxy(_ body: (PostgresProxy, PostgresStore, String) throws -> Void) throws {
        let server = try PostgresServer.shared.get()
        try server.withSchema { url in
            try withDirectory { directory in
                let proxy = try PostgresProxy(in: directory, before: server.directory)
                defer { proxy.stop() }
                let through = url.replacingOccurrences(of: server.directory, with: directory)
                let store = try PostgresStore(
                    PostgresAddress(through), connections: 4, patience: .seconds(20))
                try store.addUser(Samples.user("ada"), audit: Samples.audit(.userAdded))
                _ = try store.startChallenge(Samples.start("c", for: UserID("id-ada")))
                try body(proxy, store, url)
            }
        }
    }

    @Test(arguments: PostgresProxy.Cut.allCases)
    func anAttemptWhoseCommitIsUnansweredCountsOnce(_ cut: PostgresProxy.Cut) throws {
        try withProxy { (proxy, store, url) throws in
            proxy.cut(cut)
            #expect(
                try store.countAttempt(Samples.attempt("c", "a")).counted?.attemptsLeft == 2)
            #expect(proxy.cuts == 1)
            #expect(try postgres(url, "SELECT attempts_left FROM challenges") == ["2"])
            #expect(
                try postgres(url, "SELECT count(*) FROM limit_events WHERE attempt = 'a'") == ["1"])
        }
    }

    @Test(arguments: PostgresProxy.Cut.allCases)
    func aCodeWhoseCommitIsUnansweredIsConsumedOnce(_ cut: PostgresProxy.Cut) throws {
        try withProxy { (proxy, store, url) throws in
            let consumption = Samples.consumption("c", "a", user: UserID("id-ada"))
            proxy.cut(cut)
            #expect(try store.consumeChallenge(consumption) == .consumed)
            #expect(proxy.cuts == 1)
            #expect(try postgres(url, "SELECT id FROM sessions") == ["session-a"])
            #expect(try store.auditKinds().filter { $0 == .signedIn }.count == 1)
            #expect(try store.consumeChallenge(consumption) == .alreadyConsumed)
        }
    }

    /// Each question takes as long as the way to the server: their number shows nothing.
    @Test func theServerIsAskedAsOftenForADecoyAsForAUser() throws {
        try withProxy { (proxy, store, _) throws in
            let rule = LimitRule(
                .mailsTotal, key: LimitKey("mails:total"), rates: [Rate(99, per: .hours(1))])
            func questions(_ body: () throws -> Bool) throws -> Int {
                let before = proxy.messages
                #expect(try body())
                return proxy.messages - before
            }
            func ask(_ user: UserID?, _ id: String, at now: Timestamp) throws -> [Int] {
                let start = try questions {
                    try store.startChallenge(
                        Samples.start(id, for: user, at: now) {
                            $0.resendAfter = .seconds(0)
                            $0.mailRates = []
                            $0.maximumLive = 99
                            $0.rules = [rule]
                        }
                    ).started != nil
                }
                let again = try questions {
                    try store.resendChallenge(
                        Samples.resend(id, at: now + .minutes(1)) {
                            $0.mailRates = []
                            $0.rules = [rule]
                        }
                    ).queued != nil
                }
                let wrong = try questions {
                    try store.countAttempt(Samples.attempt(id, id, at: now)).counted != nil
                }
                return [start, again, wrong]
            }
            let ada = UserID("id-ada")
            // The first of each kind also prepares statements.
            for (user, id) in [(ada, "1"), (nil, "2")] { _ = try ask(user, id, at: noon) }
            let later = noon + .minutes(2)
            #expect(try ask(ada, "3", at: later) == ask(nil, "4", at: later))
        }
    }

    /// PostgreSQL keeps no NUL in a text: whoever sends one is refused nothing, and finds nothing.
    @Test func aNULInATextIsNoFault() throws {
        try PostgresServer.shared.get().withSchema { url in
            let store = try PostgresStore(PostgresAddress(url), patience: .seconds(20))
            try store.appendAudit(Samples.audit(detail: "a\0b"))
            #expect(try store.auditTrail(AuditQuery()).map(\.event.detail) == ["a\u{FFFD}b"])
            #expect(try store.session(SessionID("a\0b")) == nil)
        }
    }

    /// Nobody holds what somebody held whose connection broke.
    @Test func aKilledClientHoldsNobodyUp() throws {
        try PostgresServer.shared.get().withSchema { url in
            let store = try PostgresStore(PostgresAddress(url), patience: .seconds(20))
            var acknowledged: Set<String> = []
            for round in 0..<5 {
                let writers = try (0..<2).map { _ in try Racer("write", url) }
                for (number, writer) in writers.enumerated() {
                    for _ in 0...(round * 3 + number * 7) % 40 {
                        acknowledged.insert(try #require(writer.line()))
                    }
                }
                for writer in writers { writer.kill() }
                for writer in writers { acknowledged.formUnion(writer.rest()) }
                let trail = try store.auditTrail(AuditQuery(limit: .max))
                #expect(acknowledged.isSubset(of: trail.map(\.event.detail)))
            }
            #expect(!acknowledged.contains { $0.hasPrefix("error") })
        }
    }

    /// Sign-ins go on while the server is restarted, and while it crashes.
    @Test func aRestartLosesNothingAndDoublesNothing() throws {
        let server = try PostgresServer(durable: true)
        let url = server.url(schema: "public")
        let store = try PostgresStore(
            PostgresAddress(url), connections: 6, patience: .seconds(20))
        let (threads, logins) = (6, 40)
        for number in 0..<threads {
            try store.addUser(Samples.user("user\(number)"), audit: Samples.audit(.userAdded))
        }
        let restarts = Thread {
            for signal in ["INT", "QUIT", "INT"] { try? server.restart(signal) }
        }
        restarts.start()
        let results = race(threads) { thread in
            Result {
                for number in 0..<logins {
                    try signIn(store, "\(thread)-\(number)", UserID("id-user\(thread)"))
                }
            }
        }
        for result in results { #expect(throws: Never.self) { try result.get() } }
        while !restarts.isFinished { sched_yield() }
        let total = ["\(threads * logins)"]
        #expect(try postgres(url, "SELECT count(*) FROM sessions") == total)
        #expect(
            try postgres(url, "SELECT count(*) FROM challenges WHERE attempts_left = 2") == total)
        #expect(try postgres(url, "SELECT count(*) FROM audit WHERE kind = 'signed_in'") == total)
        try server.stop()
        #expect(!FileManager.default.fileExists(atPath: server.directory))
    }

    @Test func withoutAServerItSaysSoInTime() throws {
        try withDirectory { directory in
            let address = try PostgresAddress("postgres://doorpost@/d?host=\(directory)")
            let start = ContinuousClock.now
            let error = storeError {
                _ = try PostgresStore(address, patience: .milliseconds(300))
            }
            #expect(error?.code == .unavailable)
            #expect(error?.detail.contains(directory) == true)
            #expect(ContinuousClock.now - start < .seconds(3))
        }
    }

    /// Somebody else holds what we need: psql in a transaction that was forgotten.
    @Test func whoWaitsTooLongForALockIsTold() throws {
        try PostgresServer.shared.get().withSchema { url in
            let patient = try PostgresStore(
                PostgresAddress(url), connections: 2, patience: .seconds(20))
            try patient.addUser(Samples.user("ada"), audit: Samples.audit(.userAdded))
            let hasty = try PostgresStore(PostgresAddress(url), patience: .milliseconds(500))
            let error = try patient.write { db in
                _ = try db.holdUser(UserID("id-ada"))
                return storeError {
                    _ = try hasty.setName("Ada", of: UserID("id-ada"), audit: Samples.audit())
                }
            }
            #expect(error?.code == .busy)
            #expect(
                try hasty.setName("Ada", of: UserID("id-ada"), audit: Samples.audit()))
        }
    }
}

private func signIn(_ store: PostgresStore, _ id: String, _ user: UserID) throws {
    let started = try store.startChallenge(
        Samples.start(id, for: user) {
            $0.mailRates = []
            $0.resendAfter = .seconds(0)
        })
    try #require(started.started != nil)
    let attempt = Samples.attempt(id, id) { $0.accountRates = [] }
    try #require(store.countAttempt(attempt).counted?.attemptsLeft == 2)
    try #require(store.consumeChallenge(Samples.consumption(id, id, user: user)) == .consumed)
}

extension Span {
    fileprivate static func milliseconds(_ count: Int64) -> Self { Self(milliseconds: count) }
}
