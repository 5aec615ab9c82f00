import DoorpostCore
import DoorpostTesting
import Foundation
import Logging
import ServiceLifecycle
import Synchronization
import Testing

@testable import DoorpostHTTP

@Suite("The courier and its threads")
struct ShutdownTests {
    private let fixture: RuntimeFixture

    init() throws { fixture = try RuntimeFixture() }

    @Test("no more mails at once than there are workers")
    func concurrency() async throws {
        var mails: [PendingMail] = []
        for number in 0..<30 { mails.append(try await fixture.queueMail(for: "u\(number)")) }
        let (arrived, gate) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let most = Mutex(0)
        let now = Atomic(0)
        fixture.mailer.meanwhile {
            let here = now.add(1, ordering: .sequentiallyConsistent).newValue
            most.withLock { $0 = max($0, here) }
            arrived.signal()
            gate.wait()
            now.subtract(1, ordering: .sequentiallyConsistent)
        }
        let courier = fixture.courier(workers: ThreadPool(8))
        for mail in mails { courier.dispatch(mail) }
        for _ in 0..<8 { arrived.wait() }
        #expect(now.load(ordering: .sequentiallyConsistent) == 8)
        for _ in 0..<30 { gate.signal() }
        for _ in 8..<30 { arrived.wait() }
        #expect(most.withLock { $0 } == 8)
    }

    @Test("a shutdown gives back what waits, for another to deliver at once")
    func givesBack() async throws {
        let threads = HeldThreads(isHeld: true)
        let courier = fixture.courier(workers: threads)
        let mail = try await fixture.queueMail()
        courier.dispatch(mail)
        courier.close()
        courier.dispatch(try await fixture.queueMail(for: "bob"))
        fixture.courier().poll()
        threads.release()
        #expect(fixture.mailer.offered == [mail.message])
    }

    @Test("a shutdown finishes what is in hand")
    func finishes() async throws {
        _ = try await fixture.queueMail()
        // For the running courier to find.
        fixture.advance(by: .seconds(30))
        let (signal, gate) = (AsyncStream.makeStream(of: Void.self), DispatchSemaphore(value: 0))
        fixture.relay.learn(nil, began: fixture.uptime.now)
        fixture.mailer.meanwhile {
            signal.continuation.finish()
            gate.wait()
        }
        let courier = fixture.courier(workers: ThreadPool(1), chores: ThreadPool(3))
        let group = ServiceGroup(
            services: [courier], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        async let running: Void = group.run()
        for await _ in signal.stream {}
        await group.triggerGracefulShutdown()
        gate.signal()
        try await running
        #expect(try fixture.store.outbox(includingSent: true, limit: 1).map(\.state) == [.sent])
    }

    @Test("a shutdown does not wait for ever")
    func isBounded() async throws {
        _ = try await fixture.queueMail()
        // For the running courier to find.
        fixture.advance(by: .seconds(30))
        let (signal, gate) = (AsyncStream.makeStream(of: Void.self), DispatchSemaphore(value: 0))
        fixture.relay.learn(nil, began: fixture.uptime.now)
        fixture.mailer.meanwhile {
            signal.continuation.finish()
            gate.wait()
        }
        let courier = fixture.courier(workers: ThreadPool(1), chores: ThreadPool(3)) {
            $0.drain = .milliseconds(1)
        }
        let group = ServiceGroup(
            services: [courier], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        async let running: Void = group.run()
        for await _ in signal.stream {}
        await group.triggerGracefulShutdown()
        try await running
        #expect(fixture.log.lines.contains { $0.contains("left behind") })
        gate.signal()
    }
}
