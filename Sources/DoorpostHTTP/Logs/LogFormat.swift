/// How a line of the log is written.
package enum LogFormat: String, CaseIterable, Sendable {
    /// For people: `2026-11-21T10:51:00Z info request answered route=/auth/verify status=200`
    case text
    /// For programs: one JSON object a line.
    case json
}
