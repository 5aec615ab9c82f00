/// A code: what is mailed to a person and typed back. A secret; its description is redacted.
package struct Code: Sendable {
    /// The characters without separators, in ASCII, upper case.
    let characters: [UInt8]

    /// Draws a code. Bytes that would make some characters likelier than others are thrown away.
    package static func draw(_ policy: CodePolicy, from random: any RandomSource) -> Self {
        let alphabet = policy.alphabet.characters
        let fair = 256 - 256 % alphabet.count
        var characters: [UInt8] = []
        while characters.count < policy.length {
            for byte in random.bytes(policy.length) where characters.count < policy.length {
                if Int(byte) < fair { characters.append(alphabet[Int(byte) % alphabet.count]) }
            }
        }
        return Self(characters: characters)
    }

    /// The code as a person reads it: in groups of four, joined by hyphens when it is letters.
    package func display(_ alphabet: CodeAlphabet) -> String {
        let text = String(decoding: characters, as: UTF8.self)
        guard alphabet == .letters else { return text }
        return stride(from: 0, to: characters.count, by: 4).map { start in
            String(decoding: characters[start..<min(start + 4, characters.count)], as: UTF8.self)
        }.joined(separator: "-")
    }
}

extension Code: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String { "Code(redacted)" }
    package var debugDescription: String { description }
}

/// What a person typed where a code was asked for. A secret, right or wrong: people type
/// passwords there too.
package struct CodeAnswer: Sendable {
    /// As it came, for triggers that put questions of their own.
    let typed: [UInt8]
    /// What is left when spaces, dashes and letter case are taken out.
    let normalized: [UInt8]

    package init(_ typed: some Sequence<UInt8>) {
        self.typed = Array(typed)
        normalized = self.typed.compactMap { byte in
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "\t"), UInt8(ascii: "\r"),
                UInt8(ascii: "\n"):
                nil
            case 0x61...0x7a: byte & ~0x20
            default: byte
            }
        }
    }

    /// Nothing was typed, or only separators: asked again, not counted.
    package var isEmpty: Bool { normalized.isEmpty }
}

extension CodeAnswer: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String { "CodeAnswer(redacted)" }
    package var debugDescription: String { description }
}
