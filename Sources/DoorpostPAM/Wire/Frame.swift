import CPAMWire

/// What the module says to the helper, after the request.
enum ModuleFrame: Equatable {
    case answer([UInt8])
    case conversationFailed

    init?(type: UInt8, payload: [UInt8]) {
        switch UInt32(type) {
        case DOORPOST_ANSWER.rawValue: self = .answer(payload)
        case DOORPOST_CONV_FAILED.rawValue where payload.isEmpty: self = .conversationFailed
        default: return nil
        }
    }
}

/// What the helper says to the module.
enum HelperFrame: Equatable {
    case prompt(String, isHidden: Bool)
    case info(String)
    case error(String)
    case environment(String)
    case log(priority: LogPriority, String)
    case verdict(nonce: [UInt8], PAMVerdict)

    /// The frame as it goes over the wire: length, type, payload. Text is cut to what fits.
    var encoded: [UInt8] {
        let (type, payload): (doorpost_frame_type, [UInt8]) =
            switch self {
            case .prompt(let text, true): (DOORPOST_PROMPT_HIDDEN, Self.cut(text))
            case .prompt(let text, false): (DOORPOST_PROMPT_ECHO, Self.cut(text))
            case .info(let text): (DOORPOST_INFO, Self.cut(text))
            case .error(let text): (DOORPOST_ERROR, Self.cut(text))
            case .environment(let assignment): (DOORPOST_SETENV, Array(assignment.utf8))
            case .log(let priority, let text):
                (DOORPOST_LOG, [UInt8(priority.rawValue)] + Self.cut(text))
            case .verdict(let nonce, let verdict):
                (DOORPOST_VERDICT, nonce + [UInt8(verdict.wireValue)])
            }
        let length = UInt32(payload.count + 1)
        return withUnsafeBytes(of: length.bigEndian, Array.init)
            + [UInt8(truncatingIfNeeded: type.rawValue)] + payload
    }

    /// All our texts are ASCII, so a cut falls between characters.
    private static func cut(_ text: String) -> [UInt8] {
        Array(text.utf8.prefix(Int(DOORPOST_TEXT_MAX)))
    }
}

/// How urgent a line in the system's log is: the numbers of syslog(3).
package enum LogPriority: Int32, Sendable {
    case critical = 2
    case error = 3
    case warning = 4
    case notice = 5
    case info = 6
    case debug = 7
}
