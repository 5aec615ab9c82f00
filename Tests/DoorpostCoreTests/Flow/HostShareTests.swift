import DoorpostTesting
import Testing

@testable import DoorpostCore

/// A host in bad hands names another source, and another person, with each guess.
@Suite("What all sign-ins share")
struct HostShareTests {
    private func onHost(_ id: String, _ number: Int) -> SignInContext {
        var context = FlowFixture.context(host: "web-\(id)", source: "198.51.100.\(number)")
        context.hostID = HostID(id)
        return context
    }

    /// Which limit keeps somebody whom nobody knows from signing in, or nil.
    private func limit(_ fixture: FlowFixture, _ name: String, in context: SignInContext)
        async throws -> LimitName?
    {
        switch try await fixture.flow.initiate(.login(name), in: context) {
        case .limited(_, let limit): return limit
        case .started(let started):
            _ = try await fixture.verify("nonsense", started, in: context)
            return nil
        case .refused, .confirmed: throw FlowFixture.Unexpected(what: "refused")
        }
    }

    @Test("is used up by one host to a quarter, of failures")
    func failures() async throws {
        var policy = FlowPolicy()
        policy.limits.failuresTotal = [Rate(8, per: .days(1))]
        let fixture = try FlowFixture(policy: policy)
        for number in 1...2 {
            #expect(try await limit(fixture, "ghost-\(number)", in: onHost("a", number)) == nil)
        }
        #expect(try await limit(fixture, "ghost-3", in: onHost("a", 3)) == .failuresTotal)
        #expect(try await limit(fixture, "ghost-4", in: onHost("b", 4)) == nil)
        let web = FlowFixture.context(source: "192.0.2.7")
        #expect(try await limit(fixture, "alice", in: web) == nil)
    }

    @Test("is used up by one host to a quarter, of mails")
    func mails() async throws {
        var policy = FlowPolicy()
        policy.limits.mailsTotal = [Rate(4, per: .hours(1))]
        let fixture = try FlowFixture(policy: policy)
        #expect(try await limit(fixture, "alice", in: onHost("a", 1)) == nil)
        #expect(try await limit(fixture, "ghost", in: onHost("a", 2)) == .mailsTotal)
        #expect(try await limit(fixture, "ghost", in: onHost("b", 3)) == nil)
    }
}
