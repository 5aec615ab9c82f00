import CPAMWire

/// The helper's answer; the module maps it to a PAM return code (`doorpost_wire.h`).
package enum PAMVerdict: Sendable, Equatable, CaseIterable {
    case success
    case denied
    case triesUsedUp
    case unavailable
    case conversationFailed
    case misconfigured
    case notEnrolled
    case accountDisabled

    var wireValue: UInt32 {
        switch self {
        case .success: DOORPOST_VERDICT_SUCCESS.rawValue
        case .denied: DOORPOST_VERDICT_DENIED.rawValue
        case .triesUsedUp: DOORPOST_VERDICT_TRIES_USED_UP.rawValue
        case .unavailable: DOORPOST_VERDICT_UNAVAILABLE.rawValue
        case .conversationFailed: DOORPOST_VERDICT_CONVERSATION_FAILED.rawValue
        case .misconfigured: DOORPOST_VERDICT_MISCONFIGURED.rawValue
        case .notEnrolled: DOORPOST_VERDICT_NOT_ENROLLED.rawValue
        case .accountDisabled: DOORPOST_VERDICT_ACCOUNT_DISABLED.rawValue
        }
    }
}
