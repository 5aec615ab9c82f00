import DoorpostCore
import DoorpostTesting
import HTTPTypes
import Testing

@testable import DoorpostHTTP

/// A courier with all around it in the test's hand: time, threads, relay and store.
struct RuntimeFixture {
    let memory = MemoryStore()
    let store: HookedStore
    let tokens = PlainTokens()
    let clock = ManualClock()
    let uptime = ManualUptime()
    let mailer = RecordingMailer()
    let log = LogLines()
    let metrics = DoorMetrics(PrometheusRegistry(), version: "1.2.3")
    let relay: RelayHealth
    let flow: Flow

    init(lifetime: Span = .minutes(5), key: UInt8 = 7) throws {
        store = HookedStore(memory)
        relay = RelayHealth(metrics: metrics, logger: log.logger(), uptime: uptime)
        let keys = try #require(FlowKeys(secret: [UInt8](repeating: key, count: 32)))
        var policy = FlowPolicy()
        policy.code.lifetime = lifetime
        flow = Flow(
            store: store, tokens: tokens, clock: clock, random: SystemRandom(), keys: keys,
            policy: policy)
    }

    var tools: CourierTools { CourierTools(flow: flow, mailer: mailer) }

    var parts: HTTPDoorParts {
        HTTPDoorParts(
            flow: flow, settings: HTTPSettings(issuer: "https://a.example", host: "a.example"),
            courier: courier())
    }

    func courier(
        workers: any BlockingThreads = HeldThreads(), chores: any BlockingThreads = HeldThreads(),
        _ change: (inout CourierPace) -> Void = { _ in }
    ) -> OutboxCourier {
        var pace = CourierPace()
        change(&pace)
        return OutboxCourier(
            tools, relay: relay, metrics: metrics, logger: log.logger(), pace: pace,
            uptime: uptime, workers: workers, chores: chores)
    }

    /// Somebody new asks for a code: a mail that is queued, and claimed for us.
    func queueMail(for name: String = "ada") async throws -> PendingMail {
        try store.addUser(try Samples.user(name), audit: Samples.audit(.userAdded))
        let context = SignInContext(door: .web, service: "web", host: "h", source: .local)
        guard case .started(let started) = try await flow.initiate(.login(name), in: context) else {
            throw Samples.Unfit()
        }
        return try #require(started.mail)
    }

    func advance(by span: Span) {
        clock.advance(by: span)
        uptime.advance(by: span)
    }

    /// The value of one series of the scrape.
    func metric(_ series: String) -> String? {
        metrics.text.split(separator: "\n").first { $0.hasPrefix("\(series) ") }
            .map { String($0.dropFirst(series.count + 1)) }
    }

    func call(_ path: String) -> Call {
        Call(
            method: .get, path: path, query: nil, headers: [:], body: [], source: .local,
            id: "call-1")
    }
}
