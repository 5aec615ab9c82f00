import DoorpostCore

/// Which page of a list a request wants.
struct Page: Sendable {
    /// Where the page before it ended; nil for the first one.
    let after: [String]?
    let limit: Int
    private let list: [String]
    private let keys: FlowKeys

    static let longest = 60

    /// - Parameters:
    ///   - size: the member that says how many are wanted; 0 and none are ``longest``.
    ///   - token: the member that an earlier page's answer goes into.
    ///   - parts: of how many texts a position of this list is.
    ///   - list: what else decides what is in the list; a token is good for this alone.
    /// - Throws: ``CognitoError``: the token is none of this list.
    init(
        _ request: OperationRequest, size: String, token: String, parts: Int = 1, of list: [String]
    ) throws(CognitoError) {
        let asked = request.input.integer(size) ?? 0
        limit = asked == 0 ? Self.longest : asked
        self.list = list
        keys = request.flow.keys
        guard let text = request.input.text(token) else {
            after = nil
            return
        }
        guard let position = keys.position(of: text, in: list), position.count == parts else {
            throw .badPageToken
        }
        after = position
    }

    /// One more than fits: whether there is another page.
    var wanted: Int { limit + 1 }

    /// The page of what was found, and the token of the next one if there is one.
    func cut<Item>(_ found: some Sequence<Item>, position: (Item) -> [String])
        throws(CognitoError) -> (items: [Item], next: JSONValue?)
    {
        let all = Array(found.prefix(wanted))
        let items = Array(all.prefix(limit))
        guard all.count > limit, let last = items.last else { return (items, nil) }
        do {
            return (items, .string(try keys.pageToken(position(last), of: list)))
        } catch {
            throw .internal("a page's token cannot be sealed: \(error)")
        }
    }
}
