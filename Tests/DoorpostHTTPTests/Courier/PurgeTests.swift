import DoorpostCore
import DoorpostTesting
import Synchronization
import Testing

@testable import DoorpostHTTP

@Suite("Purging")
struct PurgeTests {
    private let fixture: RuntimeFixture
    private let purges = Counted()

    private final class Counted: Sendable {
        let count = Atomic(0)
        var value: Int { count.load(ordering: .relaxed) }
    }

    init() throws {
        fixture = try RuntimeFixture()
        fixture.store.hook { [purges] (call) throws(StoreError) in
            if call == "purge" { purges.count.add(1, ordering: .relaxed) }
        }
    }

    @Test("goes on in small steps until nothing is left")
    func steps() async throws {
        for number in 0..<100 {
            try fixture.store.appendAudit(
                Samples.audit(at: Samples.noon, detail: "\(number)"))
        }
        fixture.advance(by: .days(91))
        await fixture.courier { $0.purgePause = .zero }.purge()
        #expect(purges.value == 4)
        #expect(try fixture.store.auditTrail(AuditQuery()).isEmpty)
    }

    @Test("deletes nothing while a clock that was set forward a year is not confirmed")
    func clockSetForward() {
        let courier = fixture.courier()
        func step() { _ = courier.housekeeping.step(fixture.store) }
        step()
        #expect(purges.value == 1)
        fixture.clock.advance(by: .days(365))
        for _ in 0..<119 {
            fixture.advance(by: .seconds(30))
            step()
        }
        #expect(purges.value == 1)
        #expect(fixture.log.lines.filter { $0.contains("the clock jumped") }.count == 1)
        fixture.advance(by: .seconds(60))
        step()
        #expect(purges.value == 2)
    }

    @Test("goes on at once when the clock is set right again")
    func setBack() {
        let housekeeping = fixture.courier().housekeeping
        _ = housekeeping.step(fixture.store)
        fixture.clock.advance(by: .days(365))
        fixture.advance(by: .seconds(30))
        _ = housekeeping.step(fixture.store)
        #expect(purges.value == 1)
        fixture.clock.advance(by: .days(-365))
        fixture.advance(by: .seconds(30))
        _ = housekeeping.step(fixture.store)
        #expect(purges.value == 2)
    }

    @Test("takes small steps of the clock, and long sleeps of the machine, as they are")
    func smallSteps() {
        let housekeeping = fixture.courier().housekeeping
        for _ in 0..<5 {
            fixture.clock.advance(by: .minutes(59))
            fixture.advance(by: .days(3))
            _ = housekeeping.step(fixture.store)
        }
        #expect(purges.value == 5)
    }
}
