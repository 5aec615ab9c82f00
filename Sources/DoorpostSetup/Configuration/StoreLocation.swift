package import DoorpostPostgres

/// Where a store is.
package enum StoreLocation: Hashable, Sendable {
    case sqlite(path: String)
    case postgres(PostgresAddress)
}

extension StoreLocation: CustomStringConvertible {
    package var description: String {
        switch self {
        case .sqlite(let path): "sqlite:\(path)"
        case .postgres(let address): "\(address)"
        }
    }
}

extension StoreLocation {
    /// Reads `sqlite:PATH` or `postgres://USER@HOST/DATABASE`.
    ///
    /// - Parameter base: the directory that a relative path begins at.
    package init(_ text: String, relativeTo base: String) throws(ValueError) {
        if text.hasPrefix("sqlite:"), text != "sqlite:" {
            let path = String(text.dropFirst("sqlite:".count))
            self = .sqlite(path: path.hasPrefix("/") ? path : "\(base)/\(path)")
        } else {
            self = .postgres(try Self.address(text))
        }
    }

    private static func address(_ text: String) throws(ValueError) -> PostgresAddress {
        do {
            return try PostgresAddress(text)
        } catch {
            switch error {
            case .holdsPassword:
                throw ValueError(
                    "must hold no password (write it into the file that passfile= names)",
                    isWhole: true)
            case .notAURL:
                throw ValueError(
                    "is not a store that this version knows (write sqlite:PATH or "
                        + "postgres://USER@HOST/DATABASE)")
            }
        }
    }
}
