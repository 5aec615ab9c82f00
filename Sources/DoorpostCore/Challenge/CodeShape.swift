/// What codes look like.
package struct CodeShape: Hashable, Sendable {
    package var alphabet: CodeAlphabet
    package var length: Int

    package init(alphabet: CodeAlphabet, length: Int) {
        self.alphabet = alphabet
        self.length = length
    }

    /// Whether an answer looks like a code. What does not is wrong without a look at any challenge.
    package func fits(_ answer: CodeAnswer) -> Bool {
        answer.normalized.count == length
            && answer.normalized.allSatisfy(alphabet.characters.contains)
    }
}
