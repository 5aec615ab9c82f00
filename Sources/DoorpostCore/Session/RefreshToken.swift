/// What a web client trades for new tokens: the login session, its place in the family of
/// refresh tokens, and a keyed tag.
///
/// The store keeps the session's newest generation and no token, so a stolen store holds none;
/// and the token that follows another is always the same one, so that a refresh that is
/// repeated within the grace yields the same successor.
struct RefreshToken: Hashable, Sendable {
    let session: SessionID
    let generation: Int
    let text: String

    init(session: SessionID, generation: Int, keys: FlowKeys) {
        self.session = session
        self.generation = generation
        let tag = keys.refreshTag(session, generation: generation)
        text = "\(session.text).\(generation).\(Base64URL.encode(tag))"
    }

    /// Reads a token that came from outside; nil if we never made it.
    init?(_ text: String, keys: FlowKeys) {
        guard text.utf8.count <= 160 else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let generation = Int(parts[1]), generation >= 0,
            String(generation) == parts[1], let tag = Base64URL.decode(parts[2])
        else { return nil }
        let session = SessionID(String(parts[0]))
        guard keys.isRefreshTag(Array(tag), of: session, generation: generation) else { return nil }
        self.session = session
        self.generation = generation
        self.text = text
    }
}

extension RefreshToken: CustomStringConvertible, CustomDebugStringConvertible {
    var description: String { "RefreshToken(redacted)" }
    var debugDescription: String { description }
}
