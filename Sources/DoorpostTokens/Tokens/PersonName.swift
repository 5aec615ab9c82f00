/// `name` of an id token. The only claim of ours that a trigger may replace, by any JSON: what is no
/// text is no reason to refuse the token.
struct PersonName: Codable, Sendable {
    /// nil: it is no text.
    let text: String?

    init(_ text: String) { self.text = text }

    init(from decoder: any Decoder) throws {
        text = try? decoder.singleValueContainer().decode(String.self)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
