package import DoorpostCore

/// An event that an administrator sent to see what comes of it.
package struct TriggerTrial: Sendable {
    package var point: TriggerPoint
    /// As the program was given it: JSON on one line.
    package var event: String
    /// As it answered; nil if it gave no answer to this event.
    package var answer: String?
    /// Why the answer would not do; nil if it would.
    package var error: TriggerError?
    package var took: Duration

    /// The whole of it as JSON on one line.
    ///
    /// - Parameter standardError: what the program said beside.
    package func json(standardError: [String]) -> String {
        let fault: JSONValue =
            error.map { error in
                ["fault": .string("\(error.fault)"), "message": .string(error.message)]
            } ?? .null
        let whole: JSONValue = [
            "point": .string(point.rawValue), "event": Self.value(event),
            "answer": answer.map(Self.value) ?? .null, "error": fault,
            "milliseconds": .number("\(Int64(took / .milliseconds(1)))"),
            "standard_error": .texts(standardError),
        ]
        return whole.line
    }

    /// Our own text, read again.
    private static func value(_ line: String) -> JSONValue {
        do {
            return try JSONReader.value(line.utf8)
        } catch {
            return .string(line)
        }
    }
}
