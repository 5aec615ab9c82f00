import DoorpostCore
import HTTPTypes
import Testing

@testable import DoorpostHTTP

@Suite("The JSON of a call")
struct JSONBodyTests {
    private struct Body: Decodable {
        var email: String
        var cookie: Bool?
    }

    private func decode(_ text: String, type: String? = "application/json") throws -> Body {
        var headers = HTTPFields()
        headers[.contentType] = type
        let call = Call(
            method: .post, path: "/", query: nil, headers: headers, body: Array(text.utf8),
            source: .local, id: "1")
        return try JSONBody.decode(Body.self, from: call)
    }

    @Test(
        "may be spread over lines and hold what we do not know",
        arguments: [
            #"{"email":"a@b.example"}"#, "{\n\t\"email\": \"a@b.example\",\r\n \"x\": 1\n}\n",
            #"  {"email":"a@b.example","cookie":true}"#,
        ])
    func good(text: String) throws {
        #expect(try decode(text).email == "a@b.example")
        #expect(try decode(text, type: "Application/JSON; charset=utf-8").email == "a@b.example")
    }

    @Test(
        "is refused when it has two readings, or none",
        arguments: [
            "", "null", "[]", "\"x\"", "{", #"{"email":"a@b.example""#,
            #"{"email":"a@b.example","email":"c@d.example"}"#,
            #"{"email":"a@b.example","\u0065mail":"c@d.example"}"#,
            #"{"email":["a@b.example","c@d.example"]}"#, #"{"email":{"a":1}}"#,
            #"{"email":5}"#, #"{"email":null}"#, #"{"email":true}"#, #"{"cookie":true}"#,
            #"{"email":"a@b.example","cookie":"yes"}"#, #"{"email":"a@b.example","x":[[[[]]]]}"#,
            #"{"email":"a@b.example"}{"email":"c@d.example"}"#, "{\"email\":\"a\nb\"}",
            "{\"email\":\"a\u{0}b\"}", #"{'email':'a@b.example'}"#, #"{"email":NaN}"#,
            String(repeating: "[", count: 10_000),
        ])
    func bad(text: String) {
        #expect(throws: APIError.self) { try decode(text) }
    }

    @Test(
        "must say that it is JSON, which no form of another site can",
        arguments: [nil, "text/plain", "application/x-www-form-urlencoded", "application/jsonp"])
    func type(type: String?) {
        #expect { try decode(#"{"email":"a@b.example"}"#, type: type) } throws: {
            ($0 as? APIError)?.code == .unsupportedMediaType
        }
    }
}
