package import DoorpostCore
import DoorpostPostgres
import DoorpostSQLite

/// Which adapter copies.
extension StoreLocation {
    /// Opens the store to be copied. As long as it is open nobody else can use it.
    package func openSource() throws(StoreError) -> any RecordSource {
        switch self {
        case .sqlite(let path): try SQLiteRecords.source(path: path)
        case .postgres(let address): try PostgresRecords.source(address)
        }
    }

    /// Opens the store to be filled, and makes its tables if there are none.
    package func openTarget() throws(StoreError) -> any RecordTarget {
        switch self {
        case .sqlite(let path): try SQLiteRecords.target(path: path)
        case .postgres(let address): try PostgresRecords.target(address)
        }
    }
}
