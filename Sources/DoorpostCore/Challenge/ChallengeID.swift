/// The store's key of a challenge: 32 lower-case hexadecimal digits of randomness.
///
/// Knowing it opens nothing: a door of the web finds a challenge by its ``ChallengeHandle``.
package struct ChallengeID: Hashable, Sendable, CustomStringConvertible {
    package let text: String
    package init(_ text: String) { self.text = text }
    package var description: String { text }
}
