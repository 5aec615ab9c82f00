import DoorpostTesting
import Testing

@testable import DoorpostCore

@Suite("A code")
struct CodeTests {
    private func policy(_ alphabet: CodeAlphabet, _ length: Int) -> CodePolicy {
        CodePolicy(
            alphabet: alphabet, length: length, lifetime: .minutes(5), attempts: 3,
            resendAfter: .seconds(60))
    }

    @Test("is drawn from bytes, throwing away those that would favour some digits")
    func unbiased() {
        // 250...255 would make 0...5 likelier: they are skipped.
        let random = ScriptedRandom([
            [250, 251, 252, 253, 254, 255, 249, 0], [9, 10, 19, 1, 2, 3, 4, 5],
        ])
        let code = Code.draw(policy(.digits, 8), from: random)
        #expect(code.display(.digits) == "90909123")
    }

    @Test("never favours a character", arguments: CodeAlphabet.allCases)
    func uniform(alphabet: CodeAlphabet) {
        let draws = 20_000
        var counts: [Character: Int] = [:]
        for _ in 0..<draws {
            for character in Code.draw(policy(alphabet, 8), from: SystemRandom()).display(.digits) {
                counts[character, default: 0] += 1
            }
        }
        let expected = Double(draws * 8) / Double(alphabet.characters.count)
        let chiSquare = counts.values.reduce(0.0) { sum, count in
            sum + (Double(count) - expected) * (Double(count) - expected) / expected
        }
        #expect(counts.count == alphabet.characters.count)
        // 19 degrees of freedom exceed 60 less than once in 10^5 runs; 9 do more rarely still.
        #expect(chiSquare < 60)
    }

    @Test("of letters is shown in groups of four")
    func grouped() {
        let random = ScriptedRandom([[0, 1, 2, 3, 4, 5, 6, 7]])
        #expect(Code.draw(policy(.letters, 8), from: random).display(.letters) == "BCDF-GHJK")
    }

    @Test("does not show in its description")
    func redacted() {
        let code = Code.draw(policy(.digits, 8), from: ScriptedRandom([[1, 2, 3, 4, 5, 6, 7, 8]]))
        #expect(!"\(code) \(String(reflecting: code))".contains("12345678"))
        #expect(!"\(CodeAnswer("12345678".utf8))".contains("1234"))
    }

    @Test(
        "is answered with spaces, dashes and small letters, too",
        arguments: [
            ("12345678", "12345678"), ("1234 5678", "12345678"), (" 1234-5678\n", "12345678"),
            ("wdjb-mjht", "WDJBMJHT"), ("\t\r\n - ", ""), ("", ""), ("12345678x", "12345678X"),
        ])
    func normalized(typed: String, kept: String) {
        let answer = CodeAnswer(typed.utf8)
        #expect(answer.normalized == Array(kept.utf8))
        #expect(answer.isEmpty == kept.isEmpty)
    }
}

@Suite("The keys of the flow")
struct FlowKeysTests {
    @Test("are made of 32 bytes, not one more or less", arguments: [0, 16, 31, 33, 64])
    func size(count: Int) {
        #expect(FlowKeys(secret: [UInt8](repeating: 7, count: count)) == nil)
        #expect(FlowKeys(secret: [UInt8](repeating: 7, count: 32)) != nil)
    }

    @Test("do not show in their description")
    func redacted() throws {
        let keys = try #require(FlowKeys(secret: [UInt8](repeating: 7, count: 32)))
        #expect("\(keys)" == "FlowKeys(redacted)")
    }
}

@Suite("The shape of codes")
struct CodeShapeTests {
    @Test(
        "is length and alphabet, without what is there for the eye",
        arguments: [
            ("12345678", true), ("1234 5678", true), ("1234-5678", true), (" 12345678\n", true),
            ("", false), ("1234567", false), ("123456789", false), ("1234567x", false),
            ("１２３４５６７８", false), ("hunter2!", false),
        ])
    func digits(typed: String, canBe: Bool) {
        #expect(CodePolicy.standard.shape.fits(CodeAnswer(typed.utf8)) == canBe)
    }

    @Test("in letters has no case and no vowels")
    func letters() {
        var policy = CodePolicy.standard
        policy.alphabet = .letters
        #expect(
            policy.shape.fits(CodeAnswer("bcdf-ghjk".utf8))
                && policy.shape.fits(CodeAnswer("BCDFGHJK".utf8)))
        #expect(
            !policy.shape.fits(CodeAnswer("password".utf8))
                && !policy.shape.fits(CodeAnswer("12345678".utf8))
        )
    }
}
