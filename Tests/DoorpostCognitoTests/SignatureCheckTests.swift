import Crypto
import DoorpostCore
import DoorpostTesting
import HTTPTypes
import Testing

@testable import DoorpostCognito
@testable import DoorpostHTTP

@Suite("A signature is used once")
struct SignatureCheckTests {
    private let fixture: Fixture

    init() throws { fixture = try Fixture() }

    @Test("for each of the SDK's requests, by an operation that only reads")
    func reading() throws {
        // Two honest calls in one second are signed alike: an SDK does not sign its request's name.
        let first = fixture.call("one"), second = fixture.call("two")
        #expect(first.headers[.authorization] == second.headers[.authorization])
        try fixture.check(first, .reading)
        try fixture.check(second, .reading)
        for again in [first, second] { fixture.expectUsed(again, .reading) }
        // And one without a name is a request, too.
        try fixture.check(fixture.call(nil), .reading)
        fixture.expectUsed(fixture.call(nil), .reading)
    }

    @Test("whatever the request is called, by an operation that changes anything")
    func changing() throws {
        try fixture.check(fixture.call("one"), .changing)
        for name in ["one", "two", nil] { fixture.expectUsed(fixture.call(name), .changing) }
    }

    @Test("and is wrong for another body, by either")
    func body() throws {
        for access in [Access.reading, .changing] {
            var call = fixture.call("one")
            call.body[0] = UInt8(ascii: "[")
            #expect { try fixture.check(call, access) } throws: { error in
                (error as? CognitoError)?.name == CognitoError.wrongSignature.name
            }
        }
    }
}

private struct NoCourier: WebCourier {
    func dispatch(_ mail: PendingMail) {}
    var relayIsDownFor: Span? { nil }
}

private struct Fixture {
    private let key: APIKey
    private let secret: APISecret
    private let door: HTTPDoorParts

    init() throws {
        let keys = try #require(FlowKeys(secret: [UInt8](repeating: 7, count: 32)))
        let store = MemoryStore()
        let clock = ManualClock()
        (key, secret) = try APIKey.make(
            name: "backend", keys: keys, random: SystemRandom(), at: clock.now)
        try store.addAPIKey(key, audit: Samples.audit(.apiKeyAdded))
        let flow = Flow(
            store: store, tokens: PlainTokens(), clock: clock, random: SystemRandom(), keys: keys,
            policy: FlowPolicy())
        let settings = HTTPSettings(
            issuer: "https://a.example", pool: "local_Main", host: "a.example")
        door = HTTPDoorParts(flow: flow, settings: settings, courier: NoCourier())
    }

    func check(_ call: Call, _ access: Access) throws {
        _ = try SignatureCheck(call: call, door: door).check(access)
    }

    func expectUsed(_ call: Call, _ access: Access) {
        #expect { try check(call, access) } throws: { error in
            (error as? CognitoError)?.message.contains("was used already") == true
        }
    }

    /// A call that boto3 could have signed just now.
    func call(_ name: String?) -> Call {
        let body = Array(#"{"UserPoolId":"local_Main"}"#.utf8)
        let time = SignatureTime.write(door.flow.clock.now)
        let date = String(time.prefix(8))
        let scope = "\(date)/local/cognito-idp/aws4_request"
        let signed = "content-type;host;x-amz-date;x-amz-target"
        let target = "AWSCognitoIdentityProviderService.DescribeUserPool"
        let canonical = """
            POST
            /

            content-type:application/x-amz-json-1.1
            host:a.example
            x-amz-date:\(time)
            x-amz-target:\(target)

            \(signed)
            \(hex(SHA256.hash(data: body)))
            """
        let text =
            "AWS4-HMAC-SHA256\n\(time)\n\(scope)\n"
            + hex(SHA256.hash(data: Array(canonical.utf8)))
        let key = scope.split(separator: "/").reduce(Array("AWS4\(secret.text)".utf8)) {
            hmac(Array($1.utf8), $0)
        }
        var headers: HTTPFields = [
            .authorization: "AWS4-HMAC-SHA256 Credential=\(self.key.id)/\(scope), "
                + "SignedHeaders=\(signed), Signature=\(hex(hmac(Array(text.utf8), key)))",
            .contentType: "application/x-amz-json-1.1", .amzDate: time, .target: target,
        ]
        if let host = HTTPField.Name("Host") { headers[host] = "a.example" }
        headers[.invocation] = name
        return Call(
            method: .post, path: "/", query: nil, headers: headers, body: body, source: .local,
            id: "call-1")
    }

    private func hmac(_ bytes: [UInt8], _ key: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: bytes, using: SymmetricKey(data: key)))
    }

    private func hex(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
