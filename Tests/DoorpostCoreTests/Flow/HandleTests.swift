import DoorpostTesting
import Testing

@testable import DoorpostCore

@Suite("A challenge's handle")
struct HandleTests {
    private let id = ChallengeID("0123456789abcdef0123456789abcdef")
    private let alice = SignInName.email("alice@example.org")

    @Test("leads back to its challenge, and shows neither it nor the name")
    func sealed() throws {
        let flow = try FlowFixture().flow
        let handle = try flow.handle(of: id, for: alice)
        #expect(flow.challenge(of: handle.text) == id)
        #expect(flow.challenge(of: handle.text, for: alice) == id)
        #expect(flow.challenge(of: handle.text, for: .email("ALICE@Example.org")) == id)
        #expect(handle.text.utf8.allSatisfy(Base64URL.isDigit))
        let bytes = try #require(Base64URL.decodeArgument(handle.text))
        for part in [id.text, String(id.text.prefix(8)), "alice", flow.keys.pseudonym(alice.exact)]
        {
            #expect(bytes.firstRange(of: part.utf8) == nil)
        }
        // Two tabs: two handles, both good.
        let second = try flow.handle(of: id, for: alice)
        #expect(second != handle)
        #expect(flow.challenge(of: second.text) == id)
    }

    @Test(
        "is for its name only",
        arguments: [
            SignInName.email("bob@example.org"), .email("alice+x@example.org"), .email("alice"),
            .login("alice"), .login("alice@example.org"), .email(""), .login(""),
        ])
    func otherName(other: SignInName) throws {
        let flow = try FlowFixture().flow
        let handle = try flow.handle(of: id, for: alice)
        #expect(flow.challenge(of: handle.text, for: other) == nil)
        let theirs = try flow.handle(of: id, for: other)
        #expect(flow.challenge(of: theirs.text, for: alice) == nil)
        #expect(flow.challenge(of: theirs.text, for: other) == id)
    }

    @Test("of another Doorpost is none of ours")
    func otherKey() throws {
        let fixture = try FlowFixture()
        let handle = try fixture.flow.handle(of: id, for: alice)
        let keys = try #require(FlowKeys(secret: [UInt8](repeating: 8, count: 32)))
        let other = Flow(
            store: fixture.store, tokens: fixture.tokens, clock: fixture.clock,
            random: SystemRandom(), keys: keys, policy: FlowPolicy())
        #expect(other.challenge(of: handle.text) == nil)
    }

    @Test("is none when one bit is changed, or a byte is missing or added")
    func tampered() throws {
        let flow = try FlowFixture().flow
        let text = try flow.handle(of: id, for: alice).text
        let bytes = Array(try #require(Base64URL.decodeArgument(text)))
        for index in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[index] ^= 1 << bit
                #expect(flow.challenge(of: Base64URL.encodeArgument(changed)) == nil)
            }
            #expect(flow.challenge(of: Base64URL.encodeArgument(bytes[..<index])) == nil)
        }
        #expect(flow.challenge(of: Base64URL.encodeArgument(bytes + [0])) == nil)
        for wrong in [
            "", "x", "s", String(text.dropFirst()), text + "=", text + " ", " " + text, text + text,
            id.text,
        ] {
            #expect(flow.challenge(of: wrong) == nil)
        }
    }

    @Test("is not looked at when it is too long")
    func tooLong() throws {
        let flow = try FlowFixture().flow
        // Sealed by us, so that only its length can be what is wrong.
        func handle(padding: Int) throws -> String {
            let content = String(repeating: "a", count: padding) + " x"
            return Base64URL.encodeArgument(try flow.keys.sealHandle(Array(content.utf8)))
        }
        // 383 bytes are 511 digits, and a letter stands before them.
        let longest = try handle(padding: 383 - 28 - 2)
        #expect(longest.utf8.count == 512)
        #expect(flow.challenge(of: longest) != nil)
        #expect(flow.challenge(of: try handle(padding: 383 - 28 - 1)) == nil)
        #expect(flow.challenge(of: String(repeating: "A", count: 10_000_000)) == nil)
    }

    @Test("holds two parts and no other number")
    func parts() throws {
        let flow = try FlowFixture().flow
        for content in ["", " ", "one", "one two three", "one "] {
            let text = Base64URL.encodeArgument(try flow.keys.sealHandle(Array(content.utf8)))
            #expect(flow.challenge(of: text) == nil)
        }
    }
}
