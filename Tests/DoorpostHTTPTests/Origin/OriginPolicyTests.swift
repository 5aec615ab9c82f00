import HTTPTypes
import Testing

@testable import DoorpostHTTP

@Suite("Which pages may call")
struct OriginPolicyTests {
    private let policy = OriginPolicy(
        HTTPSettings(
            issuer: "https://login.example.org/pool", host: "login.example.org",
            corsOrigins: ["https://app.example.org"]))

    private func headers(_ fields: [(String, String)]) throws -> HTTPFields {
        var headers = HTTPFields()
        for (name, value) in fields {
            headers.append(HTTPField(name: try #require(HTTPField.Name(name)), value: value))
        }
        return headers
    }

    @Test("our own page, and programs that are no browser")
    func own() throws {
        #expect(policy.caller(try headers([("Origin", "https://login.example.org")])) == .own)
        #expect(policy.caller(try headers([])) == .own)
        #expect(policy.caller(try headers([("Sec-Fetch-Site", "same-origin")])) == .own)
        let local = try headers([
            ("Host", "127.0.0.1:8425"), ("Origin", "http://127.0.0.1:8425"),
        ])
        #expect(policy.caller(local) == .own)
    }

    @Test("those that were named, letter for letter")
    func named() throws {
        let origin = "https://app.example.org"
        #expect(policy.caller(try headers([("Origin", origin)])) == .allowed(origin))
    }

    @Test(
        "no others",
        arguments: [
            "null", "https://evil.example", "https://app.example.org.evil.example",
            "http://app.example.org", "https://app.example.org:8443", "https://APP.example.org",
            "https://app.example.org/", "https://xapp.example.org", "",
        ])
    func others(origin: String) throws {
        let fields = [("Origin", origin), ("Host", "login.example.org")]
        #expect(policy.caller(try headers(fields)) == .refused)
        #expect(throws: APIError.self) {
            try policy.preflight(
                try headers(fields), methods: [.post], allowed: "authorization, content-type")
        }
    }

    @Test("no call of another site without an origin, and none with two")
    func odd() throws {
        #expect(policy.caller(try headers([("Sec-Fetch-Site", "cross-site")])) == .refused)
        #expect(policy.caller(try headers([("Sec-Fetch-Site", "same-site")])) == .refused)
        let two = try headers([
            ("Origin", "https://login.example.org"), ("Origin", "https://evil.example"),
        ])
        #expect(policy.caller(two) == .refused)
    }

    @Test("only a named origin may read answers, and never with cookies")
    func shared() throws {
        var answer = Answer(.ok)
        policy.share(&answer, with: .allowed("https://app.example.org"), exposing: "Retry-After")
        #expect(answer.headers[.accessControlAllowOrigin] == "https://app.example.org")
        #expect(answer.headers[.accessControlAllowCredentials] == nil)
        #expect(answer.headers[.vary] == "Origin")
        var other = Answer(.ok)
        policy.share(&other, with: .refused, exposing: "Retry-After")
        policy.share(&other, with: .own, exposing: "Retry-After")
        #expect(other.headers[.accessControlAllowOrigin] == nil)
    }
}
