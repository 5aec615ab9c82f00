import DoorpostCore
import DoorpostTesting
import Testing

@testable import DoorpostHTTP

@Suite("No mail goes out twice")
struct OnceTests {
    private let fixture: RuntimeFixture
    private let threads = HeldThreads(isHeld: true)

    init() throws { fixture = try RuntimeFixture() }

    @Test("when another courier took it while it waited here")
    func takenByAnother() async throws {
        let (mine, theirs) = (fixture.courier(workers: threads), fixture.courier())
        mine.dispatch(try await fixture.queueMail())
        fixture.advance(by: .seconds(31))
        theirs.poll()
        #expect(fixture.mailer.delivered.count == 1)
        threads.release()
        #expect(fixture.mailer.delivered.count == 1)
    }

    @Test("when its claim ended while it waited, and nobody took it")
    func claimedAgainByItself() async throws {
        let courier = fixture.courier(workers: threads)
        courier.dispatch(try await fixture.queueMail())
        fixture.advance(by: .seconds(31))
        courier.poll()
        fixture.advance(by: .seconds(10))
        #expect(threads.waiting == 1)
        threads.release()
        #expect(fixture.mailer.delivered.count == 1)
        fixture.advance(by: .seconds(60))
        courier.poll()
        #expect(fixture.mailer.delivered.count == 1)
    }

    @Test("when its turn came late: the claim is made to last")
    func extendedClaim() async throws {
        let (mine, theirs) = (fixture.courier(workers: threads), fixture.courier())
        mine.dispatch(try await fixture.queueMail())
        fixture.advance(by: .seconds(20))
        fixture.mailer.meanwhile { [fixture] in
            fixture.mailer.meanwhile {}
            fixture.advance(by: .seconds(20))
            theirs.poll()
        }
        threads.release()
        #expect(fixture.mailer.offered.count == 1)
    }

    @Test("when two couriers look for due mails")
    func twoPolls() async throws {
        let others = HeldThreads(isHeld: true)
        let couriers = [
            fixture.courier(workers: threads), fixture.courier(workers: others),
        ]
        for name in ["ada", "bob", "cyd"] { _ = try await fixture.queueMail(for: name) }
        fixture.advance(by: .seconds(30))
        for courier in couriers { courier.poll() }
        #expect(threads.waiting + others.waiting == 3)
        threads.release()
        others.release()
        #expect(Set(fixture.mailer.delivered.map(\.messageID)).count == 3)
        #expect(fixture.mailer.offered.count == 3)
    }

    @Test("when the store did not hear that it was sent: it is told later")
    func unrecorded() async throws {
        let courier = fixture.courier()
        let mail = try await fixture.queueMail()
        fixture.store.hook { (call) throws(StoreError) in
            if call == "mailSent" { throw StoreError(.unavailable, "disk full") }
        }
        courier.dispatch(mail)
        for _ in 0..<3 {
            fixture.advance(by: .seconds(31))
            courier.poll()
        }
        #expect(fixture.mailer.offered.count == 1)
        #expect(try fixture.store.mailStatistics().queued == 1)
        fixture.store.fail(with: nil)
        courier.poll()
        let items = try fixture.store.outbox(includingSent: true, limit: 1)
        #expect(items.map(\.state) == [.sent])
        #expect(items.first?.lastTryAt == Samples.noon)
        #expect(fixture.mailer.offered.count == 1)
    }

    @Test("when it was taken for due again before the store was told")
    func unrecordedWhileWaiting() async throws {
        let courier = fixture.courier(workers: threads)
        courier.dispatch(try await fixture.queueMail())
        fixture.store.hook { (call) throws(StoreError) in
            if call == "mailSent" { throw StoreError(.busy, "locked") }
        }
        threads.release()
        threads.hold()
        fixture.advance(by: .seconds(31))
        courier.poll()
        fixture.store.fail(with: nil)
        courier.poll()
        threads.release()
        #expect(fixture.mailer.offered.count == 1)
        // And it is free for what comes: nothing of it is kept.
        let items = try fixture.store.outbox(includingSent: true, limit: 1)
        #expect(items.map(\.state) == [.sent])
    }

    @Test("and what can never be written down is in the log")
    func neverRecorded() async throws {
        let courier = fixture.courier()
        let mail = try await fixture.queueMail()
        fixture.store.fail(with: StoreError(.unavailable, "disk full"))
        courier.dispatch(mail)
        fixture.advance(by: .minutes(61))
        courier.poll()
        courier.poll()
        let lines = fixture.log.lines.filter { $0.contains("could not be written down") }
        #expect(lines.count == 1)
        #expect(fixture.log.lines.filter { $0.contains("cannot be looked for") }.count == 1)
    }
}
