/// Why a text is not a value of some kind.
package struct ValueError: Error, Equatable {
    /// Goes on from the value: "`'5x'` is not a duration".
    package var text: String
    /// Whether the text says all, without the value before it: it may hold a password.
    package var isWhole = false

    package init(_ text: String, isWhole: Bool = false) {
        self.text = text
        self.isWhole = isWhole
    }
}
