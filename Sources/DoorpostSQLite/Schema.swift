import DoorpostCore
import GRDB

/// Which Doorpost made the file, if any.
enum Schema {
    /// `PRAGMA application_id` of our files: "Door" in ASCII, for `file` and for our own check.
    static let applicationID: Int32 = 0x446f_6f72

    /// The same of a copy that is not finished: "Dcop". A Doorpost that does not know it takes
    /// the file for another program's.
    private static let unfinishedID: Int32 = 0x4463_6f70

    /// What stands in a file.
    enum State: Equatable {
        case empty
        case foreign
        case version(Int)
        case unfinishedCopy(from: String, version: Int)
    }

    /// Reads what stands in the file: two fields of its header, and no table of a whole store.
    static func state(of db: Database) throws -> State {
        let application = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        if application == applicationID { return .version(version) }
        if application == unfinishedID {
            let source = try String.fetchOne(db, sql: "SELECT source FROM unfinished_copy")
            return .unfinishedCopy(from: source ?? "", version: version)
        }
        let objects = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
        return application == 0 && version == 0 && objects == 0 ? .empty : .foreign
    }

    /// Refuses what is neither empty nor of this version.
    static func check(_ state: State, version: Int, path: String) throws(StoreError) {
        switch state {
        case .empty: return
        case .foreign:
            throw StoreError(
                .corrupt,
                "\(path) is a database of another program. Correct `store:` in the "
                    + "configuration.")
        case .version(let found) where found < version:
            throw StoreError(
                .schemaMismatch,
                "\(path) was made by an older Doorpost (schema \(found), this "
                    + "one has \(version)). Run `doorpost store migrate`.")
        case .version(let found) where found > version:
            throw StoreError(
                .schemaMismatch,
                "this Doorpost is older than the store \(path) (schema "
                    + "\(found), this one has \(version)). Install the newer Doorpost.")
        case .version: return
        case .unfinishedCopy(let source, _):
            throw StoreError(
                .unavailable,
                "a copy into \(path) is not finished. Run `doorpost store copy '\(source)' "
                    + "'sqlite:\(path)'` again.")
        }
    }

    /// Marks a store as a copy that is not finished. The table goes with the mark, so that no
    /// migration need know it.
    static func markUnfinished(_ db: Database, from source: String) throws {
        try db.execute(sql: "CREATE TABLE unfinished_copy (source TEXT NOT NULL) STRICT")
        try db.execute(sql: "INSERT INTO unfinished_copy VALUES (?)", arguments: [source])
        try db.execute(sql: "PRAGMA application_id = \(unfinishedID)")
    }

    /// Takes the mark away.
    static func markFinished(_ db: Database) throws {
        try db.execute(sql: "DROP TABLE unfinished_copy")
        try db.execute(sql: "PRAGMA application_id = \(applicationID)")
    }
}
