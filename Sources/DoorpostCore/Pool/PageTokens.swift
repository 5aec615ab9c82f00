extension FlowKeys {
    /// What a list answers in the place of its next page: where that begins, sealed, so that it
    /// names nobody and cannot be made up.
    ///
    /// - Parameter list: which list, and what is asked of it; the text is good for no other.
    package func pageToken(_ position: [String], of list: [String]) throws -> String {
        let sealed = try sealSecret(
            position.joined(separator: Self.separator), of: Self.owner(list))
        return Base64URL.encodeArgument(sealed)
    }

    /// Where the page begins, or nil if the text is no token of this list.
    package func position(of token: String, in list: [String]) -> [String]? {
        guard let sealed = Base64URL.decodeArgument(token),
            let text = try? openSecret(Array(sealed), of: Self.owner(list))
        else { return nil }
        return text.split(separator: Self.separator, omittingEmptySubsequences: false)
            .map(String.init)
    }

    /// In no name, address or id.
    private static let separator = "\u{0}"

    private static func owner(_ list: [String]) -> String {
        "page of \(list.map { "\($0.utf8.count) \($0)" }.joined(separator: ", "))"
    }
}
