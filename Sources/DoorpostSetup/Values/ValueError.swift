/// Why a text is not a value of some kind.
struct ValueError: Error, Equatable {
    /// Goes on from the value: "`'5x'` is not a duration".
    var text: String
    /// Whether the text says all, without the value before it: it may hold a password.
    var isWhole = false

    init(_ text: String, isWhole: Bool = false) {
        self.text = text
        self.isWhole = isWhole
    }
}
