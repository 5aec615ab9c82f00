import DoorpostCore

/// The members of a request that was held to its declaration: each is of its kind, or not there.
struct Input: Sendable {
    private let members: [String: JSONValue]

    init(_ members: [String: JSONValue]) { self.members = members }

    /// A text that may be missing.
    func text(_ name: String) -> String? {
        if case .string(let text) = members[name] { text } else { nil }
    }

    /// A text that the declaration requires; "" only if it does not.
    func required(_ name: String) -> String { text(name) ?? "" }

    /// A map of texts; an empty one if it is missing.
    func texts(_ name: String) -> [String: String] {
        guard case .object(let members) = members[name] else { return [:] }
        return members.compactMapValues { if case .string(let text) = $0 { text } else { nil } }
    }

    /// The members of an object; none if it is missing.
    func structure(_ name: String) -> Input {
        if case .object(let members) = members[name] { Input(members) } else { Input([:]) }
    }

    /// The members of each object of a list.
    func structures(_ name: String) -> [Input] {
        guard case .list(let items) = members[name] else { return [] }
        return items.map {
            if case .object(let members) = $0 { Input(members) } else { Input([:]) }
        }
    }

    /// A list of names with values, of which the last of a name counts.
    func pairs(_ name: String) -> [String: String] {
        Dictionary(
            structures(name).map { ($0.required("Name"), $0.text("Value") ?? "") },
            uniquingKeysWith: { $1 })
    }

    /// The texts of a list; nil if it is missing.
    func strings(_ name: String) -> [String]? {
        guard case .list(let items) = members[name] else { return nil }
        return items.compactMap { if case .string(let text) = $0 { text } else { nil } }
    }

    func integer(_ name: String) -> Int? {
        if case .number(let text) = members[name] { Int(text) } else { nil }
    }

    func flag(_ name: String) -> Bool? {
        if case .bool(let flag) = members[name] { flag } else { nil }
    }
}
