import DoorpostCore

/// Names of hosts as administrators type them.
enum HostInput {
    static func name(_ text: String) throws -> String {
        guard EnrolledHost.isName(text) else {
            throw CommandFailure.usage(
                "'\(VisibleText.escape(text, limit: 80))' is no host's name: 1 to "
                    + "\(EnrolledHost.longestName) letters, digits, '-', '.' and '_', the first a "
                    + "letter or digit")
        }
        return text
    }
}
