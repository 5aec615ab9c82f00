import DoorpostTesting
import Testing

@testable import DoorpostCore

@Suite("The token of a list's next page")
struct PageTokenTests {
    @Test("leads back to where the page ended, in its own list, and shows nothing")
    func sealed() throws {
        let keys = try FlowFixture().flow.keys
        let token = try keys.pageToken(["ada@example.org", ""], of: ["users", "a b"])
        #expect(keys.position(of: token, in: ["users", "a b"]) == ["ada@example.org", ""])
        for list in [["users"], ["users", "a", "b"], ["users a", "b"], ["users", "a b", ""]] {
            #expect(keys.position(of: token, in: list) == nil)
        }
        let bytes = try #require(Base64URL.decode(token))
        #expect(bytes.firstRange(of: "ada".utf8) == nil)
    }

    @Test("is good byte for byte only")
    func forged() throws {
        let keys = try FlowFixture().flow.keys
        let token = try keys.pageToken(["a"], of: ["users"])
        let bytes = try #require(Base64URL.decode(token))
        for index in 0..<bytes.count {
            var changed = Array(bytes)
            changed[index] ^= 1
            #expect(keys.position(of: Base64URL.encode(changed), in: ["users"]) == nil)
        }
        for text in ["", "x", token + "A", String(token.dropLast()), token + "="] {
            #expect(keys.position(of: text, in: ["users"]) == nil)
        }
    }
}
