import DoorpostCore
import DoorpostTokens
import FoundationEssentials
import Testing

/// What the issuer signs, it accepts, and it says what CONTRACT.md §5 says.
@Suite struct RoundTripTests {
    @Test(arguments: KeyAlgorithm.allCases)
    func `a token comes back as the claims it was made of`(_ algorithm: KeyAlgorithm) async throws {
        let fixture = try Fixture(algorithm)
        let token = try await fixture.tokens.issue(Fixture.claims())
        let claims = try await fixture.tokens.verify(
            token, audience: "host:wks1", now: Fixture.now)
        #expect(claims == Fixture.claims())
    }

    @Test func `header and claims are those of the contract and no others`() async throws {
        let fixture = try Fixture()
        let parts = try await fixture.tokens.issue(Fixture.claims()).split(separator: ".")
        let header = try JSONDecoder().decode(
            [String: String].self, from: #require(Base64URL.decode(parts[0])))
        #expect(header == ["alg": "ES256", "kid": fixture.key.id.text, "typ": "JWT"])

        let payload = try #require(Base64URL.decode(parts[1]))
        let expected = Data(Forge.payload().utf8)
        #expect(try Self.members(payload) == Self.members(expected))
    }

    @Test func `preparing finds out what signing would`() async throws {
        let fixture = try Fixture()
        try await fixture.tokens.prepare(at: Fixture.now)
        await #expect(throws: TokenError(.keysUnavailable, "")) {
            try await fixture.tokens.prepare(at: Timestamp(seconds: 0))
        }
    }

    @Test func `text that JSON must escape survives`() async throws {
        let fixture = try Fixture()
        var claims = Fixture.claims()
        claims.rhost = #"a"b\c,d:e{f}[g]"#
        claims.tty = "\u{1}\u{0}\u{1F511}\u{2028}/dev/pts/1"
        let token = try await fixture.tokens.issue(claims)
        let read = try await fixture.tokens.verify(token, audience: nil, now: Fixture.now)
        #expect(read == claims)
    }

    @Test func `claims that would not be accepted are not signed`() async throws {
        let fixture = try Fixture()
        var tooLong = Fixture.claims()
        tooLong.rhost = String(repeating: "x", count: 8192)
        var negative = Fixture.claims()
        negative.issuedAt = -1
        var huge = Fixture.claims()
        huge.expiresAt = .max
        let outlivesItsKey = Fixture.claims(life: 12 * 3600 + 1)
        for claims in [tooLong, negative, huge, outlivesItsKey, Fixture.claims(life: 0)] {
            await #expect(throws: TokenError(.invalid, "")) {
                try await fixture.tokens.issue(claims)
            }
        }
    }

    /// The members as a dictionary of comparable texts.
    private static func members(_ json: Data) throws -> [String: Value] {
        try JSONDecoder().decode([String: Value].self, from: json)
    }

    private enum Value: Decodable, Hashable {
        case text(String)
        case number(Int64)
        case list([String])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self = .text(text)
            } else if let number = try? container.decode(Int64.self) {
                self = .number(number)
            } else {
                self = .list(try container.decode([String].self))
            }
        }
    }
}
