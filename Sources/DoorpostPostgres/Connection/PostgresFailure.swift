import DoorpostCore

/// What a server or libpq said that it could not do.
struct PostgresFailure: Error, Equatable {
    /// The five characters of SQLSTATE, or one of ours: ``lostState``, ``refusedState``,
    /// ``libraryState``.
    var state: String
    /// The constraint that was violated, or "".
    var constraint = ""
    /// The server's words, without values of rows.
    var message: String

    /// There was no whole answer; nobody knows what became of the statement.
    static let lostState = "lost"
    /// Nobody answers, or we were refused.
    static let refusedState = "refused"
    /// libpq is not there.
    static let libraryState = "library"

    static func lost(_ message: String) -> Self { Self(state: lostState, message: message) }
    static func library(_ message: String) -> Self { Self(state: libraryState, message: message) }

    /// libpq's words, which may be several lines.
    static func refused(_ message: String) -> Self {
        let line = message.split(whereSeparator: \.isNewline).joined(separator: " ")
        return Self(state: refusedState, message: line)
    }
}

/// What may help.
enum Remedy: Equatable {
    /// The same again: another transaction was in the way, and ours is undone.
    case again
    /// The same again on another connection: a server went, or is not the one to write to.
    case elsewhere
    case none
}

// The one place where what PostgreSQL says becomes what the flow knows, by SQLSTATE
// (https://www.postgresql.org/docs/15/errcodes-appendix.html).

extension PostgresFailure {
    var remedy: Remedy {
        switch state {
        // Serialization failure, deadlock, a row that went while we pointed at it, and a lock that
        // somebody keeps who may have been cut off: it is free again soon.
        case "40001", "40P01", "23503", "55P03": .again
        // Read-only transaction (a standby), a plan from before a migration, too many clients.
        case Self.lostState, Self.refusedState, "25006", "0A000", "53300": .elsewhere
        // Shut down, crashed, starting; connection exceptions.
        case _ where isEndOfConnection: .elsewhere
        default: .none
        }
    }

    /// The connection ended with this; after a COMMIT that says nothing about the transaction.
    var isEndOfConnection: Bool {
        state == Self.lostState || state.hasPrefix("08") || state.hasPrefix("57P")
    }

    /// A table or column is not there, or another than the statement was written for.
    var isAboutTables: Bool { state.hasPrefix("42") || state == "0A000" || state == "23502" }

    /// The detail holds the server's message, where it is and a remedy; never values of rows.
    func storeError(at place: String) -> StoreError {
        let said = "PostgreSQL \(state)\(message.isEmpty ? "" : ", \(message)")"
        switch state {
        case "23505":
            guard let taken = Self.taken[constraint] else { fallthrough }
            return StoreError(.conflict, taken)
        case _ where ["22", "23", "42"].contains(state.prefix(2)) && state != "42501",
            "XX001", "XX002":
            return StoreError(
                .corrupt,
                "\(place) does not hold what this Doorpost wrote (\(said)). Correct `store:` in "
                    + "the configuration, or restore a backup.")
        case "40001", "40P01", "55P03", "57014":
            return StoreError(
                .busy,
                "\(place) is busy (\(said)). Try again; if it stays so, look for the holder of "
                    + "the lock in pg_stat_activity.")
        case "53100":
            return StoreError(.unavailable, "the disk of \(place) is full (\(said)). Make room.")
        case "25006":
            return StoreError(
                .unavailable,
                "\(place) is read-only (\(said)). Name every server of the cluster in `store:`, "
                    + "so that the one that takes writes is found.")
        case "42501":
            return StoreError(
                .unavailable,
                "\(place) refuses us (\(said)). The user of `store:` must own its tables.")
        case Self.libraryState:
            return StoreError(
                .unavailable, "libpq cannot be loaded (\(message)). Run: apt install libpq5")
        case Self.refusedState:
            return StoreError(.unavailable, "cannot connect to \(place): \(message)")
        default:
            return StoreError(.unavailable, "\(place) cannot be used (\(said)). Try again.")
        }
    }

    private static let taken = [
        "users_email_key": "another user has this address already",
        "users_login_key": "another user has this login name already",
        "users_pkey": "another user has this id already",
        "user_groups_pkey": "another group has this name already",
        "clients_pkey": "another client has this id or name already",
        "clients_name_key": "another client has this id or name already",
        "api_keys_pkey": "another key has this id or name already",
        "api_keys_name_key": "another key has this id or name already",
        "hosts_pkey": "another host has this id or name already",
        "hosts_live": "another host has this id or name already",
    ]
}
