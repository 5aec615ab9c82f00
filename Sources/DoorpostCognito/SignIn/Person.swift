import DoorpostCore

/// Who signs in, as `USERNAME` says: an address, a login name, or the user's id.
struct Person: Sendable {
    /// As it came.
    let text: String
    let name: SignInName

    /// - Throws: ``CognitoError``: `USERNAME` is missing, or nothing that a user could be called.
    init(_ parameters: [String: String]) throws(CognitoError) {
        guard let text = parameters["USERNAME"] else { throw .missingParameter("USERNAME") }
        try Violations.check(
            ["username": .string(text)], Structure(.required("username", .username)))
        self.init(text)
    }

    /// - Parameter text: of at most 128 characters.
    init(_ text: String) {
        self.text = text
        name =
            text.contains("@") ? .email(text) : Self.isUserID(text) ? .user(text) : .login(text)
    }

    /// A UUID in lower case, which is too long for a login name.
    private static func isUserID(_ text: String) -> Bool {
        text.utf8.count == 36
            && text.utf8.enumerated().allSatisfy { index, byte in
                [8, 13, 18, 23].contains(index)
                    ? byte == UInt8(ascii: "-")
                    : (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
            }
    }
}
