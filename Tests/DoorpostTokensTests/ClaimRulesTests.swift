import DoorpostCore
import DoorpostTokens
import Testing

/// Tokens whose signature is right and whose claims are not.
@Suite struct ClaimRulesTests {
    let forge: Forge

    init() throws { forge = try Forge(Fixture()) }

    private func code(_ payload: String, audience: String? = nil) async throws -> String {
        switch await forge.verdict(try forge.sign(payload: payload), audience: audience) {
        case .success: "accepted"
        case .failure(let failure): failure.code
        }
    }

    @Test(arguments: ["exp", "iat", "auth_time"])
    func `times are whole seconds or nothing`(_ name: String) async throws {
        let wrong: [String?] = [
            nil, "1800000000.0", "1800000000.5", "1.8e9", "1e308", "-1", "-1e308", "0x6b49d200",
            "01800000000", #""1800000000""#, "null", "true", "[1800000000]", "{}", "999999999999",
            "9223372036854775808", "99999999999999999999999999", "+1800000000", "", "NaN",
        ]
        for value in wrong {
            let said = try await code(Forge.payload([name: value]))
            #expect(said == "token_invalid", "\(name): \(value ?? "missing")")
        }
    }

    @Test(arguments: [
        "sub", "aud", "jti", "amr", "email", "preferred_username", "host", "service", "rhost",
        "tty", "token_use", "iss",
    ])
    func `every claim must be there, of its kind, and once`(_ name: String) async throws {
        #expect(try await code(Forge.payload([name: nil])) == "token_invalid")
        for value in ["null", "7", "true", "{}", "[7]", "[]"] {
            #expect(try await code(Forge.payload([name: value])) == "token_invalid", "\(value)")
        }
        let twice = Forge.payload().dropLast() + #","\#(name)":"other"}"#
        #expect(try await code(String(twice)) == "token_invalid")
        let escaped = name.utf8.map { "\\u00" + String($0, radix: 16) }.joined()
        let disguised = #"{"\#(escaped)":"other","# + Forge.payload().dropFirst()
        #expect(try await code(disguised) == "token_invalid")
    }

    @Test func `times in no possible order`() async throws {
        #expect(try await code(Forge.payload(["iat": "1800000060"])) == "accepted")
        #expect(try await code(Forge.payload(["iat": "1800000061"])) == "token_invalid")
        #expect(try await code(Forge.payload(["auth_time": "1800000001"])) == "token_invalid")
        #expect(
            try await code(Forge.payload(["iat": "1800000050", "exp": "1800000050"]))
                == "token_invalid")
    }

    @Test func `expiry is exact`() async throws {
        let tokens = forge.fixture.tokens
        let token = try await tokens.issue(Fixture.claims(life: 60))
        let end = Fixture.now + .seconds(60)
        let last = end - Span(milliseconds: 1)
        _ = try await tokens.verify(token, audience: nil, now: last)
        for late in [end, end + Span(milliseconds: 1), end + .days(9)] {
            await #expect(throws: TokenError(.expired, "")) {
                try await tokens.verify(token, audience: nil, now: late)
            }
        }
    }

    @Test func `tokens of ours for something else say so`() async throws {
        let other = #""https://login.example.com""#
        #expect(try await code(Forge.payload(["iss": other])) == "token_wrong_use")
        let slash = #""https://login.example.org/""#
        #expect(try await code(Forge.payload(["iss": slash])) == "token_wrong_use")
        for use in ["id", "access", "refresh", "Session", "session ", ""] {
            #expect(try await code(Forge.payload(["token_use": "\"\(use)\""])) == "token_wrong_use")
        }
        let idToken =
            #"{"iss":"https://login.example.org","token_use":"id","exp":1800003600,"sub":"u-1"}"#
        #expect(try await code(idToken) == "token_wrong_use")
        #expect(try await code(Forge.payload(), audience: "host:wks1") == "accepted")
        for audience in ["host:wks2", "host:WKS1", "host:wks1 ", "wks1", ""] {
            #expect(try await code(Forge.payload(), audience: audience) == "token_wrong_use")
        }
    }

    @Test(arguments: [#"["pwd"]"#, #"["otp","pwd"]"#, #"["otp","otp"]"#, #"["OTP"]"#])
    func `amr is otp`(_ methods: String) async throws {
        #expect(try await code(Forge.payload(["amr": methods])) == "token_invalid")
    }

    @Test func `claims of a newer Doorpost do no harm`() async throws {
        let newer = #"{"new":{"a":[1,2.5,null]},"other":true,"# + Forge.payload().dropFirst()
        #expect(try await code(newer) == "accepted")
    }
}
