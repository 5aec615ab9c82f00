import DoorpostCore

/// Holds a request to its declaration and finds all that is wrong with it, in AWS's words.
struct Violations {
    private var found: [String] = []

    /// - Throws: ``CognitoError``: a value of the wrong kind (`SerializationException`), or one
    ///   that breaks a constraint (`InvalidParameterException`).
    static func check(_ members: [String: JSONValue], _ structure: Structure) throws(CognitoError) {
        var violations = Violations()
        try violations.check(members, structure, at: "")
        let count = violations.found.count
        guard count > 0 else { return }
        throw .invalidParameter(
            "\(count) validation error\(count == 1 ? "" : "s") detected: "
                + violations.found.joined(separator: "; "))
    }

    private mutating func check(
        _ members: [String: JSONValue], _ structure: Structure, at path: String
    ) throws(CognitoError) {
        for member in structure.members {
            let name = member.name.prefix(1).lowercased() + member.name.dropFirst()
            let place = path.isEmpty ? name : "\(path).\(name)"
            switch members[member.name] {
            case nil, .null:
                if member.isRequired { note("Value null", place, "Member must not be null") }
            case let value?: try check(value, member.shape, at: place)
            }
        }
    }

    private mutating func check(_ value: JSONValue, _ shape: Shape, at path: String)
        throws(CognitoError)
    {
        switch (shape, value) {
        case (.string(let rule), .string(let text)): check(text, rule, at: path)
        case (.integer(let range), .number(let text)):
            guard let number = Int(text) else {
                throw .serialization("\(text) cannot be converted to an Integer")
            }
            check(number, range, at: path)
        case (.boolean, .bool): break
        case (.list(let shape, let count), .list(let items)):
            check(count: items.count, count, at: path)
            for (index, item) in items.enumerated() {
                guard item != .null else { continue }
                try check(item, shape, at: "\(path).\(index + 1).member")
            }
        case (.map(let key, let shape), .object(let members)):
            // In an order of ours: the same request is always answered with the same text.
            for (name, item) in members.sorted(by: { $0.key < $1.key }) where item != .null {
                try check(.string(name), key, at: "\(path).key")
                try check(item, shape, at: "\(path).\(name).member")
            }
        case (.structure(let structure), .object(let members)):
            try check(members, structure, at: path)
        default: throw Self.wrongKind(value, shape)
        }
    }

    private mutating func check(_ text: String, _ rule: StringRule, at path: String) {
        let value = rule.isSensitive ? "Value" : "Value '\(text)'"
        if let range = rule.length {
            let length = text.utf16.count
            if length < range.lowerBound {
                note(
                    value, path,
                    "Member must have length greater than or equal to \(range.lowerBound)")
            }
            if length > range.upperBound {
                note(
                    value, path, "Member must have length less than or equal to \(range.upperBound)"
                )
            }
        }
        if let pattern = rule.pattern, !pattern.matches(text) {
            note(value, path, "Member must satisfy regular expression pattern: \(pattern.text)")
        }
        if !rule.values.isEmpty, !rule.values.contains(where: { $0.utf8.elementsEqual(text.utf8) })
        {
            note(
                value, path,
                "Member must satisfy enum value set: [\(rule.values.joined(separator: ", "))]")
        }
    }

    /// No list of the model must have items, so that there can only be too many.
    private mutating func check(count: Int, _ range: ClosedRange<Int>?, at path: String) {
        guard let range, count > range.upperBound else { return }
        note(
            "Value", path, "Member must have length less than or equal to \(range.upperBound)")
    }

    private mutating func check(_ number: Int, _ range: ClosedRange<Int>?, at path: String) {
        guard let range else { return }
        if number < range.lowerBound {
            note(
                "Value '\(number)'", path,
                "Member must have value greater than or equal to \(range.lowerBound)")
        }
        if number > range.upperBound {
            note(
                "Value '\(number)'", path,
                "Member must have value less than or equal to \(range.upperBound)")
        }
    }

    private mutating func note(_ value: String, _ path: String, _ constraint: String) {
        found.append("\(value) at '\(path)' failed to satisfy constraint: \(constraint)")
    }

    private static func wrongKind(_ value: JSONValue, _ shape: Shape) -> CognitoError {
        let kind =
            switch shape {
            case .string: "String"
            case .integer: "Integer"
            case .boolean: "Boolean"
            case .list: "List"
            case .map: "Map"
            case .structure: "Structure"
            }
        switch value {
        case .object: return .serialization("Start of structure or map found where not expected.")
        case .list: return .serialization("Start of list found where not expected")
        case .number: return .serialization("NUMBER_VALUE can not be converted to a \(kind)")
        case .string: return .serialization("STRING_VALUE can not be converted to a \(kind)")
        case .bool(true): return .serialization("TRUE_VALUE can not be converted to a \(kind)")
        case .bool(false): return .serialization("FALSE_VALUE can not be converted to a \(kind)")
        case .null: return .serialization("NULL_VALUE can not be converted to a \(kind)")
        }
    }
}
