import DoorpostCore
import DoorpostTokens
import Testing

/// Rotation, told as a transcript of times, without files.
@Suite struct KeyRingTests {
    private let start = Timestamp(seconds: 1_800_000_000)
    private let policy = KeyPolicy(publishLead: .hours(24), longestTokenLife: .hours(12))

    private func record(
        _ name: String, signFrom: Timestamp, created: Timestamp? = nil, revoked: Timestamp? = nil
    ) throws -> KeyRecord {
        KeyRecord(
            id: try #require(KeyID(name)), algorithm: .es256, created: created ?? signFrom,
            signFrom: signFrom, revoked: revoked)
    }

    private func states(_ ring: KeyRing, _ now: Timestamp) -> String {
        ring.descriptions(at: now).map { "\($0.id)=\($0.state.rawValue)" }.joined(separator: " ")
    }

    private func published(_ ring: KeyRing, _ now: Timestamp) -> String {
        ring.published(at: now).map(\.id.text).joined(separator: " ")
    }

    @Test func `publish, sign, keep, retire`() throws {
        let rotated = start + .days(90)
        let signs = rotated + .hours(24)
        let retired = signs + .hours(12)
        let moment = Span(milliseconds: 1)
        let ring = KeyRing(
            [
                try record("b", signFrom: signs, created: rotated),
                try record("a", signFrom: start),
            ], policy: policy)

        #expect(states(ring, start - moment) == "a=next b=next")
        #expect(ring.signing(at: start - moment) == nil)
        #expect(states(ring, start) == "a=signing b=next")
        #expect(states(ring, signs - moment) == "a=signing b=next")
        #expect(published(ring, signs - moment) == "a b")
        #expect(states(ring, signs) == "a=old b=signing")
        #expect(states(ring, retired - moment) == "a=old b=signing")
        #expect(published(ring, retired - moment) == "a b")
        #expect(ring.prunable(at: retired - moment) == [])
        #expect(states(ring, retired) == "a=retired b=signing")
        #expect(published(ring, retired) == "b")
        #expect(ring.prunable(at: retired).map(\.id.text) == ["a"])
        #expect(ring.descriptions(at: start).map(\.retires) == [retired, nil])
    }

    @Test func `a token signed in a key's last moment lives as long as the key is published`()
        throws
    {
        let signs = start + .days(1)
        let ring = KeyRing(
            [try record("a", signFrom: start), try record("b", signFrom: signs)], policy: policy)
        let last = signs - Span(milliseconds: 1)
        #expect(ring.signing(at: last)?.id.text == "a")
        let lastMoment = last + policy.longestTokenLife
        #expect(published(ring, lastMoment) == "a b")
    }

    @Test func `a revoked key neither signs nor is published, whatever its time`() throws {
        let ring = KeyRing(
            [
                try record("a", signFrom: start, revoked: start + .days(2)),
                try record("b", signFrom: start + .days(1), revoked: start + .days(2)),
                try record("c", signFrom: start + .days(2)),
            ], policy: policy)
        #expect(states(ring, start + .days(2)) == "a=revoked b=revoked c=signing")
        #expect(published(ring, start + .days(1)) == "c")
        #expect(ring.signing(at: start + .days(1)) == nil)
        #expect(ring.prunable(at: start + .days(2)).map(\.id.text) == ["a", "b"])
    }

    @Test func `order does not hang on how files are listed`() throws {
        let keys = try ["a", "b", "c"].map { try record($0, signFrom: start) }
        #expect(KeyRing(keys, policy: policy) == KeyRing(keys.reversed(), policy: policy))
        #expect(KeyRing(keys.reversed(), policy: policy).signing(at: start)?.id.text == "c")
    }

    @Test func `an empty ring signs nothing`() {
        let ring = KeyRing([])
        #expect(ring.signing(at: start) == nil)
        #expect(ring.published(at: start).isEmpty)
        #expect(KeyPolicy().publishLead == .hours(24))
    }
}
