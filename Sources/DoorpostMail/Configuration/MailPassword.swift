/// The relay's password. It prints as `redacted`, and nothing encodes it.
package struct MailPassword: Sendable {
    /// The password itself, for the relay only.
    let revealed: String

    package init(_ text: String) {
        revealed = text
    }
}

extension MailPassword: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "redacted" }
    package var debugDescription: String { description }
    /// No children: `dump` and test failures print the children of what they show.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
