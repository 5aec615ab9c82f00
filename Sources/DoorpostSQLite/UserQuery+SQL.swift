import DoorpostCore
import GRDB

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
    var conditions: (sql: [String], arguments: StatementArguments) {
        var sql: [String] = []
        var arguments: StatementArguments = []
        switch match {
        case .anything: sql.append("\(column) >= ''")
        case .exactly(let text):
            sql.append("\(column) = ?")
            arguments += [text]
        case .prefix(let text):
            // Bytes compare as characters do: behind all that begin with the text comes the text
            // with the last character there is.
            sql.append("\(column) >= ? AND \(column) < ?")
            arguments += [text, text + "\u{10FFFF}"]
        }
        // Not bound: the index of those who may not sign in is told by the words.
        if let isEnabled { sql.append("enabled = \(isEnabled ? 1 : 0)") }
        if let after {
            sql.append(field == .name ? "(name, id) > (?, ?)" : "\(column) > ?")
            arguments += field == .name ? [after.text, after.id.text] : [after.text]
        }
        return (sql, arguments)
    }
}
