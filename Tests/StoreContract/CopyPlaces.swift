import DoorpostCore
import DoorpostPostgres
import DoorpostSQLite
import DoorpostTesting
import Testing

// Stores that are copied. A copy looks for other Doorposts on the same database, so each store in
// PostgreSQL has one of its own.

/// Runs a test with a place where a store can be, and none is.
func withEmptyPlace<T>(_ kind: StoreKind, _ body: (String) throws -> T) throws -> T {
    if kind == .postgres {
        try PostgresServer.shared.get().withDatabase(body)
    } else {
        try withDirectory { try body($0 + "/store.db") }
    }
}

/// Opens the store at a place.
func openStore(_ place: String, create: Bool = true) throws -> any Store {
    if place.hasPrefix("postgres:") {
        try PostgresStore(
            PostgresAddress(place), connections: 2, patience: .seconds(2), create: create)
    } else {
        try SQLiteStore(path: place, busyTimeout: Span(milliseconds: 300), create: create)
    }
}

func openSource(_ place: String) throws -> any RecordSource {
    if place.hasPrefix("postgres:") {
        try PostgresRecords.source(PostgresAddress(place))
    } else {
        try SQLiteRecords.source(path: place, patience: Span(milliseconds: 300))
    }
}

func openTarget(_ place: String) throws -> any RecordTarget {
    if place.hasPrefix("postgres:") {
        try PostgresRecords.target(PostgresAddress(place))
    } else {
        try SQLiteRecords.target(path: place, patience: Span(milliseconds: 300))
    }
}

/// Copies as the command does.
@discardableResult
func copyStore(_ from: String, _ to: String, pageSize: Int = 7) throws -> [RecordCopy.Copied] {
    let source = try openSource(from)
    let target = try openTarget(to)
    return try RecordCopy(from: source, to: target, pageSize: pageSize)
        .run(audit: Samples.audit(.storeCopied, detail: "from \(source.place)"))
}

/// All records of a store.
func allRecords(_ place: String) throws -> [String: [StoreRecord]] {
    let source = try openSource(place)
    var all: [String: [StoreRecord]] = [:]
    for collection in RecordCollection.all {
        all[collection.name] = try source.records(of: collection, after: nil, limit: 10_000)
    }
    return all
}
