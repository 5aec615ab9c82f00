internal import DoorpostCore

/// The name of a key: its RFC 7638 thumbprint, and so the `kid` of its tokens and its file's name.
///
/// A `kid` comes from outside and becomes part of a path, so nothing else than
/// `[A-Za-z0-9_-]{1,64}` can ever be one.
package struct KeyID: Hashable, Comparable, Sendable {
    /// The text of the `kid`.
    package let text: String

    /// - Returns: nil unless `text` is 1 to 64 base64url characters.
    package init?(_ text: String) {
        guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy(Base64URL.isDigit) else {
            return nil
        }
        self.text = text
    }

    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}

extension KeyID: CustomStringConvertible {
    package var description: String { text }
}
