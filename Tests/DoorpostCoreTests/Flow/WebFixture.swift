import DoorpostTesting
import Testing

@testable import DoorpostCore

/// The web's side of a ``FlowFixture``.
extension FlowFixture {
    static func web(source: String = "192.0.2.7", service: String = "app") -> SignInContext {
        SignInContext(
            door: .web, service: service, host: "login.example.org", source: Source(source))
    }

    /// A flow over the same store with another policy.
    func flow(_ change: (inout FlowPolicy) -> Void) -> Flow {
        var policy = flow.policy
        change(&policy)
        return Flow(
            store: store, tokens: tokens, clock: clock, random: SystemRandom(), keys: keys,
            policy: policy)
    }

    /// Signs somebody in on the web, with the code that was mailed.
    func signIn(
        _ who: SignInName = .email("alice@example.org"), in context: SignInContext = Self.web()
    ) async throws -> (signIn: SignIn, grant: WebGrant) {
        let (started, code) = try await start(who, in: context)
        let answer = CodeAnswer(try #require(code).utf8)
        let outcome = try await flow.verify(answer, challenge: started.live.id, in: context)
        guard case .signedIn(let signIn) = outcome, case .web(let grant) = signIn.credential else {
            throw Unexpected(what: "not signed in: \(outcome)")
        }
        return (signIn, grant)
    }

    func refresh(_ token: String) async throws -> (what: String, grant: WebGrant?) {
        switch try await flow.refresh(token, in: Self.web()) {
        case .refreshed(let grant, let isRepeated): (isRepeated ? "repeated" : "refreshed", grant)
        case .reused: ("reused", nil)
        case .refused: ("refused", nil)
        }
    }

    /// Changes alice.
    func change(_ change: (inout User) -> Void) throws {
        var user = try #require(try store.user(.id(alice.id)))
        change(&user)
        _ = try store.updateUser(user, audit: Self.admin(.userChanged, clock.now))
    }
}
