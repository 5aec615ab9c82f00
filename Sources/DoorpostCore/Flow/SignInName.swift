/// What somebody says who they are.
package enum SignInName: Hashable, Sendable {
    /// A Linux login name, byte for byte as it came.
    case login(String)
    /// What was typed as a mail address.
    case email(String)
    /// A user's id, as tokens and the Cognito API name users.
    case user(String)

    /// Whom it may name, or nil if it can name nobody.
    package var reference: UserReference? {
        switch self {
        case .login(let text): LoginName(text).map(UserReference.login)
        case .email(let text): EmailAddress(text).map(UserReference.email)
        case .user(let text): .id(UserID(text))
        }
    }

    /// What was typed.
    var text: String {
        switch self {
        case .login(let text), .email(let text), .user(let text): text
        }
    }

    /// The name byte for byte, but for the case of an address.
    var exact: String {
        switch self {
        case .login(let text): "login \(text)"
        case .email(let text): EmailAddress(text)?.canonical ?? "text \(text)"
        case .user(let text): "user \(text)"
        }
    }

    /// Under which mails to somebody who is not in the pool are counted.
    var folded: String {
        switch self {
        case .login(let text): "login \(text)"
        case .email(let text): EmailAddress(text)?.folded ?? "text \(text)"
        case .user(let text): "user \(text)"
        }
    }
}
