package import DoorpostCore

/// Why an instance could not be opened, by whose fault it is. Each part says what to do.
package enum SetupError: Error, Sendable, Equatable {
    /// The configuration, or a file that it names.
    case configuration(ConfigurationError)
    case store(StoreError)
    /// The signing keys or the flow's secret.
    case keys(TokenError)
    /// A file or directory could not be made.
    case file(path: String, FileError)
}

extension SetupError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .configuration(let error): "\(error)"
        case .store(let error): "store: \(error.detail)"
        case .keys(let error): "keys: \(error.detail)"
        case .file(let path, let error): "\(path): \(error.text)"
        }
    }
}
