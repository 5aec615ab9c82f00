/// Why a trigger did not answer.
package struct TriggerError: Error, Hashable, Sendable {
    package enum Fault: Hashable, Sendable {
        /// It refused: its handler threw, or it ended with an exit status.
        case refused
        /// It could not be started, hung, or was killed.
        case failed
        /// What it answered is not what it may answer.
        case badAnswer
    }

    package var point: TriggerPoint
    package var fault: Fault
    /// Of a refusal, what it said, which is for whoever signs in, too, in any language; else what
    /// happened, for the administrator. One line of visible characters.
    package var message: String

    package init(_ point: TriggerPoint, _ fault: Fault, _ message: String) {
        self.point = point
        self.fault = fault
        self.message = VisibleText.line(message, limit: 256)
    }
}

extension TriggerError: CustomStringConvertible {
    package var description: String {
        let message = VisibleText.escape(message, limit: 512)
        return switch fault {
        case .refused: "trigger \(point.rawValue) refused: \(message)"
        case .failed: "trigger \(point.rawValue) failed: \(message)"
        case .badAnswer: "trigger \(point.rawValue) answered wrongly: \(message)"
        }
    }
}
