import DoorpostCore

/// The `response` of an answer, member by member. Members that nobody knows are ignored; one that
/// is missing is one that the handler left as it was: null.
struct TriggerResponse {
    /// A member that may not be what it is.
    struct Wrong: Error {
        var text: String
    }

    private let members: JSONValue
    /// For messages: `response`.
    private let place: String

    /// - Throws: ``Wrong``: the answer is not an object with a response, as every handler's is
    ///   that returns its event.
    init(_ answer: JSONValue) throws(Wrong) {
        guard let response = answer["response"], case .object = response else {
            throw Wrong(text: "it has no response")
        }
        self.init(members: response, place: "response")
    }

    private init(members: JSONValue, place: String) {
        self.members = members
        self.place = place
    }

    private func member(_ name: String) -> JSONValue? {
        members[name].flatMap { $0 == .null ? nil : $0 }
    }

    private func wrong(_ name: String, _ text: String) -> Wrong {
        Wrong(text: "\(place).\(name) \(text)")
    }

    /// False if it is not set.
    func flag(_ name: String) throws(Wrong) -> Bool {
        switch member(name) {
        case nil: return false
        case .bool(let flag): return flag
        default: throw wrong(name, "is not true or false")
        }
    }

    func text(_ name: String) throws(Wrong) -> String? {
        switch member(name) {
        case nil: return nil
        case .string(let text): return text
        default: throw wrong(name, "is not text")
        }
    }

    /// Empty if it is not set; numbers and booleans become text, as at AWS.
    func parameters(_ name: String) throws(Wrong) -> [String: String] {
        var texts: [String: String] = [:]
        for (key, value) in try object(name) {
            switch value {
            case .string(let text): texts[key] = text
            case .number(let number): texts[key] = number
            case .bool(let flag): texts[key] = flag ? "true" : "false"
            case .null: break
            case .list, .object: throw wrong(name, "holds what is not text, number or boolean")
            }
        }
        return texts
    }

    /// nil if it is not set.
    func list(_ name: String) throws(Wrong) -> [String]? {
        guard let value = member(name) else { return nil }
        guard case .list(let items) = value else { throw wrong(name, "is not a list") }
        var texts: [String] = []
        for item in items {
            guard case .string(let text) = item else { throw wrong(name, "holds what is not text") }
            texts.append(text)
        }
        return texts
    }

    /// Empty if it is not set.
    func object(_ name: String) throws(Wrong) -> [String: JSONValue] {
        switch member(name) {
        case nil: return [:]
        case .object(let members): return members
        default: throw wrong(name, "is not an object")
        }
    }

    /// nil if it is not set.
    func part(_ name: String) throws(Wrong) -> TriggerResponse? {
        guard let value = member(name) else { return nil }
        guard case .object = value else { throw wrong(name, "is not an object") }
        return TriggerResponse(members: value, place: "\(place).\(name)")
    }
}
