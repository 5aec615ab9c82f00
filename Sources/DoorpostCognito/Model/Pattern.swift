/// A regular expression of the service model, and what it means: the few that there are need no
/// engine, whose time a text from outside could choose.
struct Pattern: Sendable {
    /// As the model writes it, for messages.
    let text: String
    private let accepts: @Sendable (String) -> Bool

    private init(_ text: String, _ accepts: @escaping @Sendable (String) -> Bool) {
        self.text = text
        self.accepts = accepts
    }

    /// One or more characters of a kind.
    private init(_ text: String, each: @escaping @Sendable (Unicode.Scalar) -> Bool) {
        self.init(text) { !$0.isEmpty && $0.unicodeScalars.allSatisfy(each) }
    }

    /// Whether the whole text is as the pattern says.
    func matches(_ text: String) -> Bool { accepts(text) }

    /// Ids and secrets of clients.
    static let client = Self(#"[\w+]+"#) { isWord($0) || $0 == "+" }
    static let poolID = Self(#"[\w-]+_[0-9a-zA-Z]+"#) {
        isJoined($0, { isWord($0) || $0 == "-" }, { isWord($0) && $0 != "_" })
    }
    /// User names, group names and all that people call something.
    static let visible = Self(#"[\p{L}\p{M}\p{S}\p{N}\p{P}]+"#) { isVisible($0) }
    /// Names of attributes.
    static let visibleOrBlank = Self(#"[\p{L}\p{M}\p{S}\p{N}\p{P}\t\n\r ]+"#) {
        isVisible($0) || "\t\n\r ".unicodeScalars.contains($0)
    }
    static let token = Self("[A-Za-z0-9-_=.]+") {
        isWord($0) || $0 == "-" || $0 == "=" || $0 == "."
    }
    static let secretHash = Self(#"[\w+=/]+"#) { isWord($0) || "+=/".unicodeScalars.contains($0) }
    static let deviceKey = Self(#"[\w-]+_[0-9a-f-]+"#) {
        isJoined(
            $0, { isWord($0) || $0 == "-" },
            { ("0"..."9").contains($0) || ("a"..."f").contains($0) || $0 == "-" })
    }
    static let notBlank = Self(#"[\S]+"#) { !isSpace($0) }

    /// Names of user pools and of app clients.
    static let plainName = Self(#"[\w\s+=,.@-]+"#) {
        isWord($0) || isSpace($0) || "+=,.@-".unicodeScalars.contains($0)
    }
    /// `visible`, and what separates words.
    static let words = Self(#"[\p{L}\p{M}\p{S}\p{N}\p{P}\p{Z}]+"#) {
        isVisible($0)
            || [.spaceSeparator, .lineSeparator, .paragraphSeparator].contains(
                $0.properties.generalCategory)
    }
    static let scope = Self(#"[\x21\x23-\x5B\x5D-\x7E]+"#) {
        (0x21...0x7e).contains($0.value) && $0 != "\"" && $0 != "\\"
    }
    static let hex = Self(
        "^[0-9a-fA-F]+$",
        each: { ("0"..."9").contains($0) || ("a"..."f").contains($0) || ("A"..."F").contains($0) })
    /// Six to eight parts between colons; the fourth may be empty, the fifth is a number.
    static let arn = Self(
        #"arn:[\w+=/,.@-]+:[\w+=/,.@-]+:([\w+=/,.@-]*)?:[0-9]+:[\w+=/,.@-]+(:[\w+=/,.@-]+)?"#
            + #"(:[\w+=/,.@-]+)?"#
    ) { text in
        let parts = text.unicodeScalars.split(separator: ":", omittingEmptySubsequences: false)
        guard (6...8).contains(parts.count), String(parts[0]) == "arn" else { return false }
        return parts.indices.dropFirst().allSatisfy { index in
            (index == 3 || !parts[index].isEmpty)
                && parts[index].allSatisfy { scalar in
                    index == 4
                        ? ("0"..."9").contains(scalar)
                        : isWord(scalar) || "+=/,.@-".unicodeScalars.contains(scalar)
                }
        }
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        " \t\n\u{0b}\u{0c}\r".unicodeScalars.contains(scalar)
    }

    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
            || ("0"..."9").contains(scalar) || scalar == "_"
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .spaceSeparator,
            .lineSeparator, .paragraphSeparator:
            false
        default: true
        }
    }

    /// Some of one kind, an underscore, some of another.
    private static func isJoined(
        _ text: String, _ isLeft: (Unicode.Scalar) -> Bool, _ isRight: (Unicode.Scalar) -> Bool
    ) -> Bool {
        let scalars = Array(text.unicodeScalars)
        return scalars.indices.contains { index in
            scalars[index] == "_" && index > 0 && index + 1 < scalars.count
                && scalars[..<index].allSatisfy(isLeft)
                && scalars[(index + 1)...].allSatisfy(isRight)
        }
    }
}
