import DoorpostCore
import DoorpostTesting
import HTTPTypes
import Synchronization
import Testing

@testable import DoorpostHTTP

@Suite("Health")
struct HealthTests {
    private let fixture: RuntimeFixture
    private let check: ReadinessCheck

    init() throws {
        fixture = try RuntimeFixture()
        check = ReadinessCheck(
            relay: fixture.relay, threads: HeldThreads(), logger: fixture.log.logger(),
            uptime: fixture.uptime)
    }

    private func ready() async throws -> (HTTPResponse.Status, String) {
        fixture.advance(by: .seconds(1))
        let answer = try await ReadyCall(check).answer(fixture.call("/readyz"), fixture.parts)
        return (answer.status, String(decoding: answer.body, as: UTF8.self))
    }

    private let good = #"{"keys":"ok","mail":"ok","status":"ok","store":"ok"}"#

    @Test("/healthz is good while anybody answers, whatever is down")
    func alive() async throws {
        fixture.store.fail(with: StoreError(.unavailable, "gone"))
        let answer = try await HealthCall().answer(fixture.call("/healthz"), fixture.parts)
        #expect(answer.status == .ok)
        #expect(String(decoding: answer.body, as: UTF8.self) == #"{"status":"ok"}"#)
    }

    @Test("/readyz tells what is missing, and heals by itself")
    func states() async throws {
        let unknown = good.replacing(#""mail":"ok""#, with: #""mail":"unknown""#)
        #expect(try await ready() == (.ok, unknown))
        fixture.courier().probeRelayIfDue()
        #expect(try await ready() == (.ok, good))

        fixture.store.fail(with: StoreError(.unavailable, "secret path is full"))
        #expect(
            try await ready() == (
                .serviceUnavailable,
                #"{"keys":"ok","mail":"ok","status":"failed","store":"failed"}"#
            ))
        fixture.store.fail(with: nil)
        #expect(try await ready() == (.ok, good))

        fixture.tokens.fail(with: TokenError(.keysUnavailable, "no file"))
        #expect(
            try await ready() == (
                .serviceUnavailable,
                #"{"keys":"failed","mail":"ok","status":"failed","store":"ok"}"#
            ))
        fixture.tokens.fail(with: nil)

        fixture.relay.learn(
            MailError(.unreachable, "nobody"), began: fixture.uptime.now)
        #expect(
            try await ready() == (
                .ok, #"{"keys":"ok","mail":"failed","status":"ok","store":"ok"}"#
            ))
        fixture.advance(by: .seconds(5))
        fixture.courier().probeRelayIfDue()
        #expect(try await ready() == (.ok, good))
        // Each change once, with its reason.
        #expect(fixture.log.lines.filter { $0.contains("secret path is full") }.count == 1)
        #expect(fixture.log.lines.filter { $0.contains("ready again") }.count == 2)
    }

    @Test("/readyz asks the store once a second, however many ask")
    func cached() async throws {
        let asked = Asked()
        fixture.store.hook { (call) throws(StoreError) in
            if call == "checkWritable" { asked.count.add(1, ordering: .relaxed) }
        }
        for _ in 0..<5 { _ = await check.readiness(of: fixture.flow) }
        #expect(asked.count.load(ordering: .relaxed) == 1)
        fixture.advance(by: .seconds(1))
        _ = await check.readiness(of: fixture.flow)
        #expect(asked.count.load(ordering: .relaxed) == 2)
    }

    private final class Asked: Sendable {
        let count = Atomic(0)
    }
}
