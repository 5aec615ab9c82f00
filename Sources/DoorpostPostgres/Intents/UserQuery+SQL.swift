import DoorpostCore

extension UserQuery {
    private var column: String {
        switch field {
        case .id: "id"
        case .email: "email"
        case .login: "login"
        case .name: "name"
        }
    }

    /// Names are not unique: users of one name come in the order of their ids.
    var order: String { field == .name ? "name, id" : column }

    /// What a row must be, each part such that an index answers it.
    var conditions: (sql: [String], values: [(any Bindable)?]) {
        var sql: [String] = []
        var values: [(any Bindable)?] = []
        func next(_ value: String) -> String {
            values.append(value)
            return "$\(values.count)"
        }
        switch match {
        case .anything: sql.append("\(column) >= ''")
        case .exactly(let text): sql.append("\(column) = \(next(text))")
        case .prefix(let text):
            // Bytes compare as characters do: behind all that begin with the text comes the text
            // with the last character there is.
            sql.append("\(column) >= \(next(text)) AND \(column) < \(next(text + "\u{10FFFF}"))")
        }
        // Not bound: the index of those who may not sign in is told by the words.
        if let isEnabled { sql.append(isEnabled ? "enabled" : "NOT enabled") }
        if let after {
            let text = next(after.text)
            sql.append(
                field == .name
                    ? "(name, id) > (\(text), \(next(after.id.text)))" : "\(column) > \(text)")
        }
        return (sql, values)
    }
}
