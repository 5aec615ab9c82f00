import DoorpostCore
import DoorpostTesting
import Testing

@testable import DoorpostHTTP

@Suite("Whether the mail relay answers")
struct RelayHealthTests {
    private let fixture: RuntimeFixture
    private let relay: RelayHealth

    init() throws {
        fixture = try RuntimeFixture()
        relay = fixture.relay
    }

    private func delivery(_ failure: MailError.Code?) {
        relay.learn(
            failure.map { MailError($0, "said so") }, began: fixture.uptime.now)
    }

    @Test("is asked once at the start")
    func start() {
        let courier = fixture.courier()
        #expect(relay.isUp == nil)
        #expect(relay.isDownFor == nil)
        courier.probeRelayIfDue()
        #expect(relay.isUp == true)
        #expect(fixture.metric("doorpost_relay_up") == "1")
        fixture.advance(by: .minutes(1))
        courier.probeRelayIfDue()
        #expect(fixture.mailer.probes == 1)
    }

    @Test("is asked every 5 s while it does not, one question at a time")
    func whileDown() {
        let threads = HeldThreads(isHeld: true)
        let courier = fixture.courier(chores: threads)
        fixture.mailer.fail(with: MailError(.timeout, "no answer"))
        courier.probeRelayIfDue()
        courier.probeRelayIfDue()
        #expect(threads.waiting == 1)
        threads.release()
        #expect(relay.isDownFor == .seconds(5))
        fixture.advance(by: Span(milliseconds: 4999))
        #expect(relay.isDownFor == .seconds(1))
        courier.probeRelayIfDue()
        #expect(fixture.mailer.probes == 1)
        fixture.mailer.fail(with: nil)
        fixture.advance(by: Span(milliseconds: 1))
        threads.hold()
        courier.probeRelayIfDue()
        #expect(relay.isDownFor == .seconds(5))
        threads.release()
        #expect(courier.relayIsDownFor == nil)
        #expect(fixture.mailer.probes == 2)
        let told = fixture.log.lines.filter { $0.contains("mail relay") }
        #expect(told.count == 2)
    }

    @Test(
        "is known from deliveries",
        arguments: [.unreachable, .tls, .authentication, .misconfigured] as [MailError.Code])
    func fromDeliveries(_ code: MailError.Code) {
        delivery(nil)
        #expect(relay.isUp == true)
        fixture.advance(by: .seconds(1))
        delivery(code)
        #expect(relay.isUp == false)
        #expect(fixture.metric("doorpost_relay_up") == "0")
        #expect(relay.isDownFor == .seconds(5))
        delivery(nil)
        #expect(relay.isUp == true)
    }

    @Test(
        "is not judged by its answer to one mail",
        arguments: [.temporary, .rejected, .invalidMessage, .timeout] as [MailError.Code])
    func oneMail(_ code: MailError.Code) {
        delivery(code)
        #expect(relay.isDownFor == nil)
        delivery(nil)
        fixture.advance(by: .seconds(1))
        delivery(code)
        #expect(relay.isUp == true)
    }

    @Test("is not judged by what began before it came up")
    func lateTimeOut() {
        let began = fixture.uptime.now
        fixture.advance(by: .seconds(10))
        delivery(nil)
        relay.learn(
            MailError(.unreachable, ""), began: began)
        #expect(relay.isUp == true)
    }
}
