import CPAMWire
package import DoorpostCore

/// What the module asks of the helper.
package struct PAMRequest: Sendable, Equatable {
    package enum Operation: Sendable, Equatable {
        case authenticate
        case account
        case closeSession
    }

    package struct Options: OptionSet, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        static let unenrolledIgnore = Self(DOORPOST_FLAG_UNENROLLED_IGNORE)
        static let confirmSend = Self(DOORPOST_FLAG_CONFIRM_SEND)
        static let echo = Self(DOORPOST_FLAG_ECHO)

        private init(_ flag: doorpost_flag) {
            self.init(rawValue: UInt8(truncatingIfNeeded: flag.rawValue))
        }
    }

    /// Comes back in the verdict and ties it to this request.
    package var nonce: [UInt8]
    package var operation: Operation
    package var options: Options
    /// How long the module waits for the verdict.
    package var patience: Span
    package var service: String
    /// PAM_USER, byte for byte; "" if PAM had none.
    package var user: String
    package var rhost: String
    package var tty: String
    /// What DOORPOST_SESSION_FILE named, for ``Operation/closeSession``.
    package var sessionFile: String

    /// Reads a request's payload.
    ///
    /// - Returns: nil for anything that the module would not send.
    init?(payload: [UInt8]) {
        var reader = WireReader(payload)
        guard let nonce = reader.bytes(Int(DOORPOST_NONCE_SIZE)), let operation = reader.byte(),
            let flags = reader.byte(), let seconds = reader.number16()
        else { return nil }
        switch UInt32(operation) {
        case DOORPOST_OP_AUTHENTICATE.rawValue: self.operation = .authenticate
        case DOORPOST_OP_ACCOUNT.rawValue: self.operation = .account
        case DOORPOST_OP_CLOSE_SESSION.rawValue: self.operation = .closeSession
        default: return nil
        }
        self.nonce = nonce
        options = Options(rawValue: flags)
        patience = .seconds(Int64(seconds))
        service = ""
        user = ""
        rhost = ""
        tty = ""
        sessionFile = ""
        while let tag = reader.byte() {
            guard let length = reader.number16(), let bytes = reader.bytes(Int(length)) else {
                return nil
            }
            // Bytes that are no UTF-8 become U+FFFD: such a name matches nobody, and is
            // escaped wherever it is shown.
            let text = String(decoding: bytes, as: UTF8.self)
            switch UInt32(tag) {
            case DOORPOST_FIELD_SERVICE.rawValue: service = text
            case DOORPOST_FIELD_USER.rawValue: user = text
            case DOORPOST_FIELD_RHOST.rawValue: rhost = text
            case DOORPOST_FIELD_TTY.rawValue: tty = text
            case DOORPOST_FIELD_SESSION_FILE.rawValue: sessionFile = text
            default: break
            }
        }
    }
}

/// Takes numbers and bytes off the front of a payload.
private struct WireReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    mutating func byte() -> UInt8? { rest.popFirst() }

    mutating func number16() -> UInt16? {
        guard let high = rest.popFirst(), let low = rest.popFirst() else { return nil }
        return UInt16(high) << 8 | UInt16(low)
    }

    mutating func bytes(_ count: Int) -> [UInt8]? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }
}
