/// The name of a Linux account that a user may sign in to.
///
/// Byte-exact: no case folding. Refused are names that no account can have and that some
/// program might read as an option, a path or several fields.
package struct LoginName: Hashable, Sendable {
    package let name: String

    /// - Returns: nil unless the name is 1 to 32 letters, digits, `_`, `.`, `-` (a `$` may end
    ///   it), not starting with `-` and not `.` or `..`.
    package init?(_ text: String) {
        var body = Substring(text)
        if body.last == "$" { body.removeLast() }
        let allowed = body.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
                || (0x61...0x7a).contains(byte) || "_.-".utf8.contains(byte)
        }
        guard allowed, (1...32).contains(text.utf8.count), let first = body.first, first != "-",
            text != ".", text != ".."
        else { return nil }
        name = text
    }
}

extension LoginName: CustomStringConvertible {
    package var description: String { name }
}
