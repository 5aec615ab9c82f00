import DoorpostSetup

/// A configuration that is right, with what a test adds.
func parse(_ more: String = "", issuer: String = "https://login.example.org") throws
    -> Configuration
{
    let text = "issuer: \(issuer)\nmail: { from: login@example.org }\n\(more)\n"
    return try Configuration.parse(Array(text.utf8), path: "/etc/doorpost/doorpost.yaml")
}

/// The lines of the error that a text ends in; none when it is right.
func problems(_ text: String) -> [String] {
    do {
        _ = try Configuration.parse(Array(text.utf8), path: "doorpost.yaml")
        return []
    } catch {
        return error.lines
    }
}
