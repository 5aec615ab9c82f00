import DoorpostCore
import GRDB

/// Which Doorpost made the file, if any.
enum Schema {
    /// `PRAGMA application_id` of our files: "Door" in ASCII, for `file` and for our own check.
    static let applicationID: Int32 = 0x446f_6f72

    /// What stands in a file.
    enum State: Equatable {
        case empty
        case foreign
        case version(Int)
    }

    /// Reads what stands in the file: two fields of its header, no table.
    static func state(of db: Database) throws -> State {
        let application = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        if application == applicationID { return .version(version) }
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
        }
    }
}
