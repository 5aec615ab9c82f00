import DoorpostCore
import DoorpostSetup

/// What a command's end means to the shell (CONTRACT.md §3). The only place where errors become
/// exit codes.
package enum ExitStatus: Int32, Sendable, CaseIterable {
    case done = 0
    /// The answer is no: not found, taken already, not valid.
    case refused = 1
    /// The command was typed wrongly.
    case usage = 2
    /// A service that is needed does not answer; later it may.
    case serviceDown = 69
    /// A file or the store cannot be read or written.
    case io = 74
    /// For a mail server that pipes a mail to us: keep it, and try again.
    case tryLater = 75
    /// The configuration, the keys or the store do not fit this Doorpost.
    case configuration = 78
}

extension ExitStatus {
    package init(_ error: any Error) {
        self =
            switch error {
            case let error as CommandFailure: error.status
            case let error as SetupError: Self(error)
            case let error as StoreError: Self(error)
            case let error as MailError: Self(error)
            case let error as TokenError: Self(error)
            case let error as FlowError: Self(error)
            case is ConfigurationError: .configuration
            case is FileError: .io
            default: .io
            }
    }

    private init(_ error: SetupError) {
        self =
            switch error {
            case .configuration: .configuration
            case .store(let error): Self(error)
            case .keys(let error): Self(error)
            case .file: .io
            }
    }

    private init(_ error: StoreError) {
        self =
            switch error.code {
            case .busy: .serviceDown
            case .conflict, .refused: .refused
            case .schemaMismatch: .configuration
            default: .io
            }
    }

    private init(_ error: MailError) {
        self =
            switch error.code {
            case .unreachable, .timeout, .tls, .temporary: .serviceDown
            case .rejected, .invalidMessage: .refused
            case .authentication, .misconfigured: .configuration
            default: .serviceDown
            }
    }

    private init(_ error: FlowError) {
        self =
            switch error.code {
            case .center: .serviceDown
            case .hostRefused: .configuration
            default: .io
            }
    }

    private init(_ error: TokenError) {
        self = error.code == .keysUnavailable ? .configuration : .refused
    }
}
