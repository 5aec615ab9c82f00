import DoorpostTesting
import Testing

@testable import DoorpostCore

@Suite("Signing in to an app client")
struct ClientSignInTests {
    private static func context(
        _ request: String, client: String = "shop", source: String = "192.0.2.7"
    ) -> SignInContext {
        let client = AppClient(
            id: ClientID(client), name: client, createdAt: Timestamp(seconds: 1_800_000_000))
        return SignInContext(
            client: client, request: request, host: "login.example.org", source: Source(source))
    }

    private static let alice = SignInName.email("alice@example.org")

    @Test(
        "again within the gap takes up the running challenge, with no mail and no more tries",
        arguments: ["alice@example.org", "stranger@example.org"])
    func again(address: String) async throws {
        let fixture = try FlowFixture()
        let who = SignInName.email(address)
        let (first, _) = try await fixture.start(who, in: Self.context("a"))
        if let mail = first.mail {
            try fixture.store.mailSent(mail.id, answer: "250", at: fixture.clock.now)
        }
        #expect(
            try await fixture.verify("00000000", first, in: Self.context("x")) == "wrong, 2 left")
        fixture.clock.advance(by: .seconds(59))
        let (second, code) = try await fixture.start(who, in: Self.context("b"))
        #expect(second.live.id == first.live.id && second.isResumed && code == nil)
        #expect(second.live.attemptsLeft == 2)
        fixture.clock.advance(by: .seconds(1))
        let (third, _) = try await fixture.start(who, in: Self.context("c"))
        #expect(third.live.id != first.live.id && !third.isResumed)
        // The first request, repeated however late, is still the first sign-in.
        let (repeated, more) = try await fixture.start(who, in: Self.context("a"))
        #expect(repeated.live.id == first.live.id && more == nil)
    }

    @Test(
        "from elsewhere, or to another client, waits for the gap",
        arguments: [
            context("b", source: "192.0.2.70"), context("b", source: "192.0.2"),
            context("b", client: "shop2"), context("b", client: "sho"),
        ])
    func elsewhere(other: SignInContext) async throws {
        let fixture = try FlowFixture()
        _ = try await fixture.start(Self.alice, in: Self.context("a"))
        guard
            case .limited(let wait, .resendAfter) = try await fixture.flow.initiate(
                Self.alice, in: other)
        else {
            Issue.record("not limited")
            return
        }
        #expect(wait == .seconds(60))
    }

    @Test("has a source that cannot be the beginning of another's")
    func sources() throws {
        let short = try #require(Self.context("r", source: "a").resumePrefix)
        for source in ["a|", "a|b", "a|r", "ab"] {
            #expect(!Self.context("r", source: source).resumeKey.hasPrefix(short))
        }
        #expect(FlowFixture.web().resumePrefix == nil)
    }
}
