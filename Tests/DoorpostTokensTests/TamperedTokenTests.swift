import Crypto
import DoorpostCore
import DoorpostTokens
import FoundationEssentials
import Testing

/// Real tokens that were changed after they were signed, in text or in signature.
@Suite struct TamperedTokenTests {
    @Test(arguments: KeyAlgorithm.allCases)
    func `any other character at any place is refused`(_ algorithm: KeyAlgorithm) async throws {
        let fixture = try Fixture(algorithm)
        let token = Array(try await fixture.tokens.issue(Fixture.claims()).utf8)
        for index in token.indices {
            // One bit at every place; a digit or a dot at every seventh, since each costs a check.
            let digits = index % 7 == 0 ? [UInt8(ascii: "A"), UInt8(ascii: ".")] : []
            for other in [token[index] ^ 1] + digits where other != token[index] {
                var changed = token
                changed[index] = other
                let text = String(decoding: changed, as: UTF8.self)
                await #expect(throws: TokenError(.invalid, ""), "place \(index)") {
                    try await fixture.tokens.verify(text, audience: nil, now: Fixture.now)
                }
            }
        }
    }

    @Test func `a last character whose unused bits differ`() async throws {
        let fixture = try Fixture()
        let token = try await fixture.tokens.issue(Fixture.claims())
        for digit in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" {
            guard digit != token.last else { continue }
            await #expect(throws: TokenError(.invalid, ""), "\(digit)") {
                try await fixture.tokens.verify(
                    token.dropLast() + String(digit), audience: nil, now: Fixture.now)
            }
        }
    }

    @Test func `other spellings of the same token`() async throws {
        let fixture = try Fixture()
        let token = try await fixture.tokens.issue(Fixture.claims())
        let parts = token.split(separator: ".").map(String.init)
        let padded = parts.map { $0 + String(repeating: "=", count: (4 - $0.count % 4) % 4) }
        let spellings = [
            token + "\n", " " + token, token + ".", "." + token, token + ".AAAA", "Bearer " + token,
            padded.joined(separator: "."), "\(parts[0])..\(parts[2])", "\(parts[0]).\(parts[1])",
            "\(parts[0]).\(parts[1]).\(parts[2])=", "", ".", "..", "...",
            "\(parts[0]).\(parts[1]).\(parts[2])\u{0}", "\(parts[0]). \(parts[1]).\(parts[2])",
            "\(parts[0]).\(parts[1]).!", "\(parts[0])\u{FF0E}\(parts[1]).\(parts[2])",
            token + String(repeating: "A", count: 8192), String(repeating: ".", count: 1_000_000),
        ]
        for spelling in spellings {
            await #expect(throws: TokenError(.invalid, "")) {
                try await fixture.tokens.verify(spelling, audience: nil, now: Fixture.now)
            }
        }
    }

    @Test func `signatures that are zero, short, long, DER or of another key`() async throws {
        let fixture = try Fixture()
        let forge = try Forge(fixture)
        let token = try forge.sign()
        let text = String(token[..<(try #require(token.lastIndex(of: ".")))])
        let right = try #require(Base64URL.decode(token.split(separator: ".")[2]))
        let order: [UInt8] = [
            0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
            0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63,
            0x25, 0x51,
        ]
        let other = P256.Signing.PrivateKey()
        let wide = P384.Signing.PrivateKey()
        let signatures: [Data] = [
            Data(repeating: 0, count: 64), Data(order + order), right.dropLast(), right + [0],
            right.prefix(32) + Data(repeating: 0, count: 32), Data(repeating: 0, count: 32) + right,
            try forge.key.signature(for: Data(text.utf8)).derRepresentation,
            try other.signature(for: Data(text.utf8)).rawRepresentation,
            try wide.signature(for: Data(text.utf8)).rawRepresentation, Data(),
        ]
        for signature in signatures {
            await #expect(throws: TokenError(.invalid, "")) {
                try await fixture.tokens.verify(
                    "\(text).\(Base64URL.encode(signature))", audience: nil, now: Fixture.now)
            }
        }
    }

    @Test func `an Ed25519 signature moved by the order of its group`() async throws {
        let fixture = try Fixture(.edDSA)
        let token = try await fixture.tokens.issue(Fixture.claims())
        let parts = token.split(separator: ".")
        var signature = Array(try #require(Base64URL.decode(parts[2])))
        let order: [UInt8] = [
            0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9,
            0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
        ]
        var carry = 0
        for index in 0..<32 {
            carry += Int(signature[32 + index]) + Int(order[index])
            signature[32 + index] = UInt8(truncatingIfNeeded: carry)
            carry >>= 8
        }
        let moved = "\(parts[0]).\(parts[1]).\(Base64URL.encode(signature))"
        await #expect(throws: TokenError(.invalid, "")) {
            try await fixture.tokens.verify(moved, audience: nil, now: Fixture.now)
        }
    }
}
