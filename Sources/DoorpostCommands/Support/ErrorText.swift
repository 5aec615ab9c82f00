import DoorpostCore
import DoorpostSetup

/// What an administrator reads about an error.
enum ErrorText {
    static func of(_ error: any Error) -> String {
        switch error {
        case let error as CommandFailure: error.text
        case let error as ConfigurationError: error.description
        case let error as SetupError: error.description
        case let error as StoreError: "store: \(error.detail)"
        case let error as MailError: "mail (\(error.code.name)): \(error.detail)"
        case let error as TokenError: error.detail
        case let error as FlowError: error.detail
        case let error as FileError: error.text
        default: "\(error)"
        }
    }
}
