import DoorpostCore
import DoorpostTokens
import Testing

/// What triggers change in tokens.
@Suite struct ChangedTokenTests {
    let fixture: Fixture
    var tokens: KeyRingTokenIssuer { fixture.tokens }

    init() throws { fixture = try Fixture() }

    private func claims(
        ofClient: Bool = true, _ change: (inout TokenChanges) -> Void = { _ in }
    ) -> WebClaims {
        var claims = Fixture.webClaims()
        if ofClient { claims.client = WebClaims.Client(id: "client-1", event: "event-1") }
        change(&claims.changes)
        return claims
    }

    /// What both tokens say, and what a session token with the changes of the id token says.
    private func members(_ claims: WebClaims) async throws -> [[String: String]] {
        let web = try await tokens.issue(claims)
        let session = try await tokens.issue(Fixture.claims(), changes: claims.changes.id)
        return try [web.id, web.access, session].map { token in
            try Forge.members(token).mapValues { $0.replacing(#"\/"#, with: "/") }
        }
    }

    private func look(_ token: String) async throws -> TokenClaims {
        try await tokens.claims(of: token, audience: nil, now: Fixture.now)
    }

    @Test(arguments: [false, true])
    func `claims of every kind are added, to the token they are for`(_ ofClient: Bool) async throws
    {
        let values: [(String, ClaimValue, String)] = [
            ("null", .null, "null"), ("no", .boolean(false), "false"),
            ("yes", .boolean(true), "true"),
            ("whole", .integer(.max), "9223372036854775807"), ("part", .number(-0.25), "-0.25"),
            ("text", .text("a/ö \u{7f}"), "\"a/ö \u{7f}\""),
            ("list", .list([.integer(1), .list([])]), "[1,[]]"),
            ("object", .object(["a": .object(["b": .null])]), #"{"a":{"b":null}}"#),
            ("https://hasura.io/jwt/claims", .text(""), #""""#), ("", .integer(0), "0"),
            ("ключ", .text("\n"), #""\n""#), ("custom:team", .text("x"), #""x""#),
        ]
        let added = Dictionary(uniqueKeysWithValues: values.map { ($0.0, $0.1) })
        let expected = Dictionary(uniqueKeysWithValues: values.map { ($0.0, $0.2) })
        let plain = try await members(claims(ofClient: ofClient))
        let id = claims(ofClient: ofClient) { $0.id.added = added }
        let access = claims(ofClient: ofClient) { $0.access.added = added }
        let (withID, withAccess) = (try await members(id), try await members(access))
        for token in [0, 2] {
            #expect(withID[token] == plain[token].merging(expected) { $1 })
            #expect(withAccess[token] == plain[token])
        }
        #expect(withAccess[1] == plain[1].merging(expected) { $1 })
        #expect(withID[1] == plain[1])
        // And we take them as before.
        let web = try await tokens.issue(
            claims(ofClient: ofClient) {
                $0 = TokenChanges(id: id.changes.id, access: access.changes.access)
            })
        let untouched = try await tokens.issue(claims(ofClient: ofClient))
        #expect(try await look(web.id) == look(untouched.id))
        #expect(try await look(web.access) == look(untouched.access))
        let session = try await tokens.issue(Fixture.claims(), changes: id.changes.id)
        #expect(
            try await tokens.verify(session, audience: "host:wks1", now: Fixture.now)
                == Fixture.claims())
        let said =
            ofClient
            ? try await tokens.verifyPoolAccess(web.access, now: Fixture.now)
            : try await tokens.verifyAccess(web.access, now: Fixture.now)
        #expect(said.user == "u-1" && said.session == "s-1")
    }

    /// All that the five kinds of token say, but the name, and what Cognito reserves besides.
    @Test(arguments: [false, true])
    func `reserved claims stay as they are`(_ ofClient: Bool) async throws {
        let plain = try await members(claims(ofClient: ofClient))
        var names = Set(plain.flatMap(\.keys))
        names.formUnion([
            "acr", "at_hash", "azp", "nbf", "nonce", "identities", "origin_jti", "sid", "groups",
            "cognito:groups", "cognito:username",
        ])
        names.remove("name")
        let changes = TokenChanges.Claims(
            added: Dictionary(uniqueKeysWithValues: names.map { ($0, ClaimValue.text("root")) }))
        let added = claims(ofClient: ofClient) { $0 = TokenChanges(id: changes, access: changes) }
        #expect(try await members(added) == plain)
        let without = TokenChanges.Claims(suppressed: names)
        let suppressed = claims(ofClient: ofClient) {
            $0 = TokenChanges(id: without, access: without)
        }
        #expect(try await members(suppressed) == plain)
    }

    /// What nobody knows of somebody is no way in either.
    @Test func `a reserved claim that is missing stays missing`() async throws {
        let changes = TokenChanges.Claims(added: [
            "preferred_username": .text("root"), "groups": .list([.text("admin")]),
            "cognito:groups": .list([.text("admin")]),
        ])
        for ofClient in [false, true] {
            var claims = claims(ofClient: ofClient)
            claims.login = nil
            claims.groups = []
            claims.changes = TokenChanges(id: changes, access: changes)
            for said in try await members(claims).prefix(2) {
                #expect(Set(said.keys).isDisjoint(with: changes.added.keys))
            }
        }
    }

    @Test(arguments: [false, true])
    func `the name may be replaced or left out`(_ ofClient: Bool) async throws {
        func name(_ added: ClaimValue?, suppressed: Set<String> = []) async throws -> [String?] {
            let claims = claims(ofClient: ofClient) {
                $0.id.added["name"] = added
                $0.id.suppressed = suppressed
            }
            let token = try await tokens.issue(claims).id
            guard case .web(let said) = try await look(token) else { return [] }
            return [try Forge.members(token)["name"], said.identity?.name]
        }
        #expect(try await name(nil) == [#""Ann""#, "Ann"])
        #expect(try await name(.text("Eve")) == [#""Eve""#, "Eve"])
        #expect(try await name(nil, suppressed: ["name", "other"]) == [nil, nil])
        #expect(try await name(.text("Eve"), suppressed: ["name"]) == [nil, nil])
        // Our own verification puts up with what is no name.
        #expect(try await name(.null) == ["null", nil])
        #expect(try await name(.list([.integer(1)])) == ["[1]", nil])
        #expect(try await name(.object(["a": .text("b")])) == [#"{"a":"b"}"#, nil])
    }

    @Test func `what is added and suppressed is suppressed`() async throws {
        let changes = TokenChanges.Claims(
            added: ["a": .text("x"), "b": .text("y")], suppressed: ["a", "c"])
        let said = try await members(claims { $0 = TokenChanges(id: changes, access: changes) })
        for token in said { #expect(token["a"] == nil && token["b"] == #""y""#) }
    }

    @Test func `groups are replaced in both tokens`() async throws {
        for (ofClient, claim) in [(false, "groups"), (true, "cognito:groups")] {
            for (groups, text) in [
                (["b", "A-1_x."], #"["b","A-1_x."]"#), (["x"], #"["x"]"#), ([], nil),
            ] as [([String], String?)] {
                let said = try await members(claims(ofClient: ofClient) { $0.groups = groups })
                #expect(said[0][claim] == text && said[1][claim] == text)
            }
        }
    }

    @Test(arguments: ["", "a b", "a,b", "ä", "a\n", String(repeating: "x", count: 65)])
    func `no group is in a token that could not be one`(_ name: String) async throws {
        await #expect(throws: TokenError(.invalid, "")) {
            try await tokens.issue(claims { $0.groups = ["ok", name] })
        }
    }

    @Test func `scopes are added to and taken from clients' access tokens`() async throws {
        let own = "aws.cognito.signin.user.admin"
        for (added, suppressed, text) in [
            (["api/read", "api/write"], [], "\(own) api/read api/write"),
            (["b", own, "b", "a"], [], "\(own) b a"), (["a", "b"], ["a", "c"], "\(own) b"),
            (["a"], [own], "a"), ([], [own], nil), ([], ["x"], own),
        ] as [([String], Set<String>, String?)] {
            func change(_ changes: inout TokenChanges) {
                changes.scopesAdded = added
                changes.scopesSuppressed = suppressed
            }
            let said = try await members(claims(change))
            #expect(said[1]["scope"] == text.map { "\"\($0)\"" })
            #expect(said[0]["scope"] == nil)
            let ours = try await members(claims(ofClient: false, change))
            #expect(ours[1]["scope"] == nil)
            // Without the scope of the own account it does not reach it, and is a token still.
            let token = try await tokens.issue(claims(change)).access
            let isTaken = text?.contains(own) ?? false
            do throws(TokenError) {
                _ = try await tokens.verifyPoolAccess(token, now: Fixture.now)
                #expect(isTaken)
            } catch {
                #expect(!isTaken && error.code == .wrongUse)
            }
            guard case .web(let looked) = try await look(token) else { throw Unexpected() }
            #expect(looked.user == "u-1")
        }
    }

    @Test(arguments: ["", "a b", "a\"", "a\\", "ä", "a\n"])
    func `no scope is in a token that could not be one`(_ name: String) async throws {
        await #expect(throws: TokenError(.invalid, "")) {
            try await tokens.issue(claims { $0.scopesAdded = ["ok", name] })
        }
    }

    @Test func `what we could not read again is not signed`() async throws {
        func nested(_ depth: Int) -> ClaimValue {
            (1..<depth).reduce(.integer(1)) { value, level in
                level.isMultiple(of: 2) ? .list([value]) : .object(["a": value])
            }
        }
        let wrong: [(String, ClaimValue)] = [
            ("a\"b", .null), ("a\\", .null), ("a\n", .null), ("a", .number(.infinity)),
            ("a", .list([.number(.nan)])), ("a", nested(33)), ("a", nested(2000)),
            ("a", .text(String(repeating: "x", count: 8192))),
        ]
        for (name, value) in wrong {
            let changes = TokenChanges.Claims(added: [name: value])
            for changes in [TokenChanges(id: changes), TokenChanges(access: changes)] {
                await #expect(throws: TokenError(.invalid, "")) {
                    try await tokens.issue(claims { $0 = changes })
                }
            }
            await #expect(throws: TokenError(.invalid, "")) {
                try await tokens.issue(Fixture.claims(), changes: changes)
            }
        }
        let deep = TokenChanges.Claims(added: ["a": nested(32)])
        let token = try await tokens.issue(Fixture.claims(), changes: deep)
        #expect(try await look(token).session == "s-1")
    }

    struct Unexpected: Error {}
}
