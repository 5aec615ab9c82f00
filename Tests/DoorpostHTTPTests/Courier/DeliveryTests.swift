import DoorpostCore
import DoorpostTesting
import Testing

@testable import DoorpostHTTP

@Suite("The courier delivers")
struct DeliveryTests {
    private let fixture: RuntimeFixture

    init() throws { fixture = try RuntimeFixture() }

    private var outbox: [OutboxItem] {
        get throws { try fixture.store.outbox(includingSent: true, limit: 10) }
    }

    @Test("what a request has queued, at once")
    func atOnce() async throws {
        let mail = try await fixture.queueMail()
        fixture.clock.advance(by: Span(milliseconds: 1500))
        fixture.courier().dispatch(mail)
        #expect(fixture.mailer.delivered == [mail.message])
        #expect(try outbox.map(\.state) == [.sent])
        #expect(fixture.metric(#"doorpost_mails_total{outcome="sent"}"#) == "1")
        #expect(fixture.metric("doorpost_mail_wait_seconds_sum") == "1.5")
        #expect(fixture.metric("doorpost_mail_delivery_seconds_count") == "1")
    }

    @Test("after 30 s, 1, 2 and 4 min again what the relay did not take yet")
    func retries() async throws {
        let fixture = try RuntimeFixture(lifetime: .minutes(10))
        let mail = try await fixture.queueMail()
        let courier = fixture.courier()
        let error = MailError(.temporary, "451 greylisted")
        fixture.mailer.answer([error, error, error, error])
        courier.dispatch(mail)
        for (tries, gap) in [Span.seconds(30), .minutes(1), .minutes(2), .minutes(4)].enumerated() {
            fixture.advance(by: gap - .seconds(1))
            courier.poll()
            #expect(fixture.mailer.offered.count == tries + 1)
            fixture.advance(by: .seconds(1))
            courier.poll()
            #expect(fixture.mailer.offered.count == tries + 2)
        }
        // The same code under the same Message-ID, every time.
        #expect(fixture.mailer.offered == Array(repeating: mail.message, count: 5))
        #expect(fixture.metric(#"doorpost_mails_total{outcome="deferred"}"#) == "4")
        #expect(fixture.metric(#"doorpost_mails_total{outcome="sent"}"#) == "1")
        fixture.advance(by: .minutes(4))
        courier.poll()
        #expect(fixture.mailer.offered.count == 5)
    }

    @Test("no dead code")
    func deadCode() async throws {
        let courier = fixture.courier()
        fixture.mailer.fail(with: MailError(.temporary, "451"))
        courier.dispatch(try await fixture.queueMail())
        for _ in 0..<20 {
            fixture.advance(by: .minutes(1))
            courier.poll()
        }
        #expect(fixture.mailer.offered.count == 4)
    }

    @Test("once what the relay refuses")
    func refused() async throws {
        let courier = fixture.courier()
        fixture.mailer.fail(with: MailError(.rejected, "550 no such user"))
        courier.dispatch(try await fixture.queueMail())
        fixture.advance(by: .minutes(2))
        courier.poll()
        #expect(fixture.mailer.offered.count == 1)
        #expect(try outbox.map(\.state) == [.failed])
        #expect(fixture.metric(#"doorpost_mails_total{outcome="failed"}"#) == "1")
    }

    @Test("what a server left that was killed, when its claim has ended")
    func killedServer() async throws {
        let mail = try await fixture.queueMail()
        let courier = fixture.courier()
        fixture.advance(by: Span(milliseconds: 29_999))
        courier.poll()
        #expect(fixture.mailer.offered.isEmpty)
        fixture.advance(by: Span(milliseconds: 1))
        for _ in 0..<3 {
            courier.poll()
            fixture.advance(by: .seconds(31))
        }
        #expect(fixture.mailer.offered == [mail.message])
    }

    @Test("what it had no room for, when the claim has ended")
    func noRoom() async throws {
        let threads = HeldThreads(isHeld: true)
        let courier = fixture.courier(workers: threads) { $0.capacity = 1 }
        let mails = [
            try await fixture.queueMail(for: "ada"), try await fixture.queueMail(for: "bob"),
        ]
        for mail in mails { courier.dispatch(mail) }
        #expect(threads.waiting == 1)
        threads.release()
        #expect(fixture.mailer.delivered == [mails[0].message])
        fixture.advance(by: .seconds(30))
        courier.poll()
        #expect(fixture.mailer.delivered == mails.map(\.message))
    }

    @Test("nothing that was sealed with another key, and says so")
    func anotherKey() async throws {
        _ = try await fixture.queueMail()
        let other = try RuntimeFixture(key: 8)
        let flow = Flow(
            store: fixture.store, tokens: fixture.tokens, clock: fixture.clock,
            random: SystemRandom(), keys: other.flow.keys, policy: fixture.flow.policy)
        let courier = fixture.courier()
        courier.replace(CourierTools(flow: flow, mailer: fixture.mailer))
        fixture.advance(by: .seconds(30))
        courier.poll()
        courier.poll()
        #expect(fixture.mailer.offered.isEmpty)
        #expect(fixture.log.lines.filter { $0.contains("cannot be opened") }.count == 1)
        // Whoever has the right key still may.
        fixture.courier().replace(fixture.tools)
        fixture.advance(by: .seconds(30))
        fixture.courier().poll()
        #expect(fixture.mailer.delivered.count == 1)
    }
}
