import DoorpostCore
import HTTPTypes
import Testing

@testable import DoorpostCognito

@Suite("Signature Version 4")
struct SigV4Tests {
    private func headers(_ lines: [String]) throws -> HTTPFields {
        var fields = HTTPFields()
        for line in lines {
            let colon = try #require(line.firstIndex(of: ":"))
            let name = try #require(HTTPField.Name(String(line[..<colon])))
            fields.append(HTTPField(name: name, value: String(line[line.index(after: colon)...])))
        }
        return fields
    }

    private func signed(_ vector: SigV4Vector) throws -> (SignatureHeader, CanonicalRequest) {
        let fields = try headers(vector.headers)
        let header = try SignatureHeader(try #require(fields[.authorization]))
        let request = try CanonicalRequest(
            method: vector.method, query: vector.query, headers: fields,
            signedHeaders: header.signedHeaders, body: Array(vector.body.utf8))
        return (header, request)
    }

    @Test("agrees with the published vectors", arguments: SigV4Vector.all)
    func published(vector: SigV4Vector) throws {
        let (header, request) = try signed(vector)
        #expect(request.text == vector.canonical)
        let secret = APISecret(SigV4Vector.secret)
        #expect(Signature.matches(header, request, time: SigV4Vector.time, secret: secret))
    }

    @Test("is that of nothing else", arguments: SigV4Vector.all)
    func altered(vector: SigV4Vector) throws {
        let (header, request) = try signed(vector)
        let secret = APISecret(SigV4Vector.secret)
        func accepts(_ header: SignatureHeader, _ time: String, _ secret: APISecret) -> Bool {
            Signature.matches(header, request, time: time, secret: secret)
        }
        for path in [
            \SignatureHeader.date, \.region, \.service, \.signature,
        ] {
            var other = header
            let last = other[keyPath: path].removeLast()
            other[keyPath: path].append(last == "0" ? "1" : "0")
            #expect(!accepts(other, SigV4Vector.time, secret))
        }
        #expect(!accepts(header, "20150830T123601Z", secret))
        #expect(!accepts(header, SigV4Vector.time, APISecret(SigV4Vector.secret + "x")))
        var changed = vector
        changed.body += "x"
        #expect(
            !Signature.matches(
                header, try signed(changed).1, time: SigV4Vector.time, secret: secret))
    }

    @Test(
        "headers that are none",
        arguments: [
            "", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 ", "Bearer x",
            "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=host",
            "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, Signature=" + zeros,
            "AWS4-HMAC-SHA256 SignedHeaders=host, Signature=" + zeros,
            "AWS4-HMAC-SHA256 Credential=a/b/c/d, SignedHeaders=host, Signature=" + zeros,
            "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4, SignedHeaders=host, Signature=" + zeros,
            "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=x;host, Signature="
                + zeros,
            "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=host;host, "
                + "Signature=" + zeros,
            "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=Host, Signature="
                + zeros,
            "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=host, Signature=00",
            "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=host, Signature="
                + zeros.dropLast() + "G",
            "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, Credential=a/b/c/d/aws4_request, "
                + "SignedHeaders=host, Signature=" + zeros,
        ])
    func malformed(text: String) {
        #expect(throws: CognitoError.self) { try SignatureHeader(text) }
    }

    private static let zeros = String(repeating: "0", count: 64)

    @Test("times have one spelling")
    func times() {
        let text = "20261121T143005Z"
        #expect(SignatureTime.read(text).map(SignatureTime.write) == text)
        #expect(SignatureTime.read("20150830T123600Z") == Timestamp(seconds: 1_440_938_160))
        for wrong in [
            "", "20261121T143005", "20261121 143005Z", "20261321T143005Z", "20260230T000000Z",
            "20261121T253005Z", "2026-11-21T14:30Z", "2026112 T143005Z", "+0261121T143005Z",
        ] {
            #expect(SignatureTime.read(wrong) == nil)
        }
    }
}
