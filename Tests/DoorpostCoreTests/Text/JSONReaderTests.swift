import DoorpostCore
import Testing

@Suite("JSON from outside")
struct JSONReaderTests {
    @Test("is read as it is written, and written so that it reads the same")
    func whole() throws {
        let text = #"{"a":[1,-2.5e3,true,false,null,{}],"b":"\"\\\n\u0001é😀","c":{"d":[]}}"#
        let value = try JSONReader.value(text.utf8)
        #expect(
            value["a"]
                == .list([
                    .number("1"), .number("-2.5e3"), .bool(true), .bool(false), .null, .object([:]),
                ]))
        #expect(value["b"] == .string("\"\\\n\u{1}é😀"))
        #expect(value.bytes == Array(text.utf8))
        let escaped = #" { "x" : "\u0041\ud83d\ude00\/\b\f\r\t" } "#
        #expect(try JSONReader.value(escaped.utf8) == ["x": .string("A😀/\u{8}\u{c}\r\t")])
    }

    @Test("is written on one line, with every control character escaped")
    func escapes() throws {
        let scalars = (0...0x100).compactMap(Unicode.Scalar.init)
        for scalar in scalars + ["\u{2028}", "\u{fffd}", "\u{10ffff}"] {
            let written = JSONValue.string("a\(scalar)b").bytes
            #expect(written.allSatisfy { $0 >= 0x20 }, "\(scalar.value)")
            let isEscaped =
                scalar.value < 0x20 || scalar == "\"" || scalar == "\\"
                || (0x7f...0x9f).contains(scalar.value) || scalar == "\u{2028}"
            #expect((written == Array("\"a\(scalar)b\"".utf8)) == !isEscaped, "\(scalar.value)")
            let whole = Array("{\"x\":".utf8) + written + Array("}".utf8)
            #expect(try JSONReader.value(whole) == ["x": .string("a\(scalar)b")])
        }
    }

    @Test(
        "is refused when it is not one value, or has two readings",
        arguments: [
            "", " ", "{", "}", "{}x", "{}{}", "{\"a\"}", "{\"a\":}", "{a:1}",
            "{\"a\":1,}", "{,}", "{\"a\":1 \"b\":2}", "{\"a\":1,\"a\":1}",
            #"{"a":1,"\u0061":2}"#, "{\"a\":{\"b\":1,\"b\":1}}", "{\"a\":01}", "{\"a\":+1}",
            "{\"a\":1.}", "{\"a\":.5}", "{\"a\":1e}", "{\"a\":-}", "{\"a\":NaN}",
            "{\"a\":tru}", "{\"a\":\"", "{\"a\":\"\\", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}",
            #"{"a":"\ud800"}"#, #"{"a":"\ud800\u0041"}"#, #"{"a":"\udc00"}"#,
            #"{"a":"\u+123"}"#, "{\"a\":\"\n\"}", "{\"a\":[1,]}", "{\"a\":[1 2]}", "\u{feff}{}",
        ])
    func refused(text: String) {
        #expect(throws: JSONReader.Malformed.self) { try JSONReader.value(text.utf8) }
    }

    @Test("is refused when it is no UTF-8, or too deep")
    func hostile() {
        #expect(throws: JSONReader.Malformed.notUTF8) {
            try JSONReader.value([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])
        }
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: JSONReader.Malformed.tooDeep) {
            try JSONReader.value(Array("{\"a\":\(deep)".utf8))
        }
    }
}
