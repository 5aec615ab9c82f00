/// Between what the settings of an app client may lie; as Cognito's, but that a refresh token
/// lives a year at most, as `tokens.refresh`.
package enum ClientLimits {
    /// Keys stay published as long as this after they last signed.
    package static let longestTokenLife = Span.days(1)
    package static let tokenLifetimes = Span.minutes(5)...longestTokenLife
    package static let refreshLifetimes = Span.hours(1)...Span.days(365)
    package static let sessionLifetimes = Span.minutes(3)...Span.minutes(15)
    package static let refreshGraces = Span.seconds(0)...Span.seconds(60)
    /// Bytes of a name.
    package static let longestName = 128

    /// Whether a client may be called so: printable ASCII without blanks around it.
    package static func isName(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x20...0x7e).contains($0) }
            && (1...longestName).contains(text.utf8.count) && text.first != " "
            && text.last != " "
    }
}
