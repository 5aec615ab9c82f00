import DoorpostCore
import DoorpostTesting
import HTTPTypes
import Synchronization
import Testing

@testable import DoorpostHTTP

@Suite("GET /metrics")
struct MetricsCallTests {
    private let fixture: RuntimeFixture
    private let metricsCall: MetricsCall

    init() throws {
        fixture = try RuntimeFixture()
        metricsCall = MetricsCall(
            fixture.metrics, threads: HeldThreads(), uptime: fixture.uptime)
    }

    private func text() async throws -> String {
        let answer = try await metricsCall.answer(fixture.call("/metrics"), fixture.parts)
        #expect(answer.status == .ok)
        #expect(answer.headers[.contentType]?.hasPrefix("text/plain; version=0.0.4") == true)
        return String(decoding: answer.body, as: UTF8.self)
    }

    @Test("tells of the outbox, and asks the store every 5 s at most")
    func outbox() async throws {
        _ = try await fixture.queueMail()
        fixture.advance(by: Span(milliseconds: 2500))
        let text = try await text()
        #expect(text.contains(#"doorpost_mail_queue{state="queued"} 1"# + "\n"))
        #expect(text.contains("doorpost_mail_oldest_seconds 2.5\n"))
        _ = try await fixture.queueMail(for: "bob")
        #expect(try await self.text().contains(#"queue{state="queued"} 1"# + "\n"))
        fixture.advance(by: .seconds(5))
        #expect(try await self.text().contains(#"queue{state="queued"} 2"# + "\n"))
    }

    @Test("tells the rest when the store is down")
    func storeDown() async throws {
        fixture.metrics.initiated(.error)
        fixture.store.fail(with: StoreError(.unavailable, "gone"))
        #expect(try await text().contains(#"initiates_total{outcome="error"} 1"# + "\n"))
    }
}
