import DoorpostCore
import GRDB

extension StoreError {
    /// The one place where what SQLite says becomes what the flow knows.
    ///
    /// The detail holds SQLite's message, the path and a remedy; never the values of a
    /// statement.
    init(_ error: any Error, at path: String) {
        if let error = error as? StoreError {
            self = error
        } else if let error = error as? DatabaseError {
            self = Self.translate(error.extendedResultCode, error.message ?? "", path)
        } else {
            // A value that is not what the schema says, found by GRDB's row decoding.
            self = Self(.corrupt, "\(path) holds a row that cannot be read. \(Self.damaged)")
        }
    }

    /// Kept apart from ``init(_:at:)`` so that the table can be tested code by code.
    static func translate(_ code: ResultCode, _ message: String, _ path: String) -> Self {
        let said = "SQLite \(code.rawValue)\(message.isEmpty ? "" : ", \(message)")"
        switch code {
        case .SQLITE_CONSTRAINT_UNIQUE where message.contains("users.email"):
            return Self(.conflict, "another user has this address already")
        case .SQLITE_CONSTRAINT_UNIQUE where message.contains("users.login"):
            return Self(.conflict, "another user has this login name already")
        case .SQLITE_CONSTRAINT_PRIMARYKEY where message.contains("users.id"),
            .SQLITE_CONSTRAINT_UNIQUE where message.contains("users.id"):
            return Self(.conflict, "another user has this id already")
        case .SQLITE_CONSTRAINT_UNIQUE where message.contains("user_groups."),
            .SQLITE_CONSTRAINT_PRIMARYKEY where message.contains("user_groups."):
            return Self(.conflict, "another group has this name already")
        case .SQLITE_CONSTRAINT_UNIQUE where message.contains("clients."),
            .SQLITE_CONSTRAINT_PRIMARYKEY where message.contains("clients."):
            return Self(.conflict, "another client has this id or name already")
        case .SQLITE_CONSTRAINT_UNIQUE where message.contains("api_keys."),
            .SQLITE_CONSTRAINT_PRIMARYKEY where message.contains("api_keys."):
            return Self(.conflict, "another key has this id or name already")
        case .SQLITE_CONSTRAINT_UNIQUE where message.contains("hosts."),
            .SQLITE_CONSTRAINT_PRIMARYKEY where message.contains("hosts."):
            return Self(.conflict, "another host has this id or name already")
        case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL:
            return Self(
                .busy,
                "\(path) is locked by another process (\(said)). Try again; if it stays "
                    + "so, find the holder with `fuser \(path)` and end it.")
        case .SQLITE_FULL:
            return Self(
                .unavailable, "the file system of \(path) is full (\(said)). Make room.")
        case .SQLITE_READONLY:
            return Self(
                .unavailable,
                "\(path) is read-only (\(said)). The file, its directory and the "
                    + "file system must be writable for the user that Doorpost runs as.")
        case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
            return Self(
                .unavailable,
                "cannot open \(path) (\(said)). The file and its directory must "
                    + "be there, and writable for the user that Doorpost runs as.")
        case .SQLITE_IOERR_CORRUPTFS, .SQLITE_IOERR_DATA, .SQLITE_CORRUPT:
            return Self(.corrupt, "\(path) is damaged (\(said)). \(damaged)")
        case .SQLITE_IOERR:
            return Self(
                .unavailable,
                "reading or writing \(path) failed (\(said)). Look at the disk "
                    + "with `dmesg`.")
        case .SQLITE_NOTADB:
            return Self(
                .corrupt,
                "\(path) is not a database (\(said)). Correct `store:` in the "
                    + "configuration, or put the file from a backup in its place.")
        case .SQLITE_ERROR, .SQLITE_SCHEMA, .SQLITE_MISMATCH, .SQLITE_FORMAT,
            .SQLITE_CONSTRAINT:
            return Self(
                .corrupt, "\(path) does not hold what this Doorpost wrote (\(said)). \(damaged)")
        default:
            return Self(.unavailable, "\(path) cannot be used (\(said)). Try again.")
        }
    }

    private static let damaged =
        "The file is left as it is: keep a copy, then `doorpost store restore` a backup."
}
