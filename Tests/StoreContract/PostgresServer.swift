import CPostgres
import Foundation
import Glibc
import Testing

/// A PostgreSQL of the tests' own: one for the run, on a socket in a directory of its own, with a
/// schema for each test. It ends and its directory goes when this process ends, however it does:
/// the shell that minds it waits for the end of its standard input, which we never close.
final class PostgresServer: Sendable {
    /// The one that all tests share, started when the first of them needs it.
    static let shared = Result { try PostgresServer() }

    /// A directory that holds the socket, too.
    let directory: String
    private let input: FileHandle
    private let output: FileHandle

    /// Where Debian keeps the programs of the newest version.
    static var programs: String {
        get throws {
            let root = "/usr/lib/postgresql"
            let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
            let newest = versions.compactMap { Int($0) }.sorted().last {
                FileManager.default.isExecutableFile(atPath: "\(root)/\($0)/bin/initdb")
            }
            return "\(root)/\(try #require(newest, "run: apt install postgresql-15"))/bin"
        }
    }

    /// - Parameter durable: whether it waits for the disk, as it would in earnest.
    init(durable: Bool = false) throws {
        let programs = try Self.programs
        var template = Array("/tmp/doorpost-postgres-XXXXXX".utf8CString)
        // SAFETY: mkdtemp changes the six letters and nothing else.
        directory = try template.withUnsafeMutableBufferPointer { buffer in
            try #require(buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) })
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", Self.script, "sh", directory, programs, durable ? "on" : "off"]
        if geteuid() == 0, let nobody = getpwnam("nobody") {
            // It refuses to run as root.
            try #require(chown(directory, nobody.pointee.pw_uid, nobody.pointee.pw_gid) == 0)
            let identity = [
                "--reuid=\(nobody.pointee.pw_uid)", "--regid=\(nobody.pointee.pw_gid)",
                "--clear-groups",
            ]
            process.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
            process.arguments = identity + ["/bin/sh"] + (process.arguments ?? [])
        }
        process.currentDirectoryURL = URL(fileURLWithPath: "/")
        let (standardInput, standardOutput) = (Pipe(), Pipe())
        process.standardInput = standardInput
        process.standardOutput = standardOutput
        try process.run()
        try standardOutput.fileHandleForWriting.close()
        input = standardInput.fileHandleForWriting
        output = standardOutput.fileHandleForReading
        try waitUntilReady()
    }

    /// The shell says so each time that the server takes connections.
    private func waitUntilReady() throws {
        let said = String(decoding: output.availableData, as: UTF8.self)
        try #require(said == "ready\n", "see \(directory)/log")
    }

    /// Ends it and starts it again, and waits for that.
    ///
    /// - Parameter signal: `INT` sends everybody away, `QUIT` is a crash.
    func restart(_ signal: String) throws {
        try input.write(contentsOf: Data("\(signal)\n".utf8))
        try waitUntilReady()
    }

    /// Ends it before its time.
    func stop() throws {
        try input.close()
        #expect(try output.readToEnd() ?? Data() == Data())
    }

    private static let script = """
        trap '' INT TERM HUP QUIT
        cd "$1" || exit
        start() {
            "$2/postgres" -D data -k "$1" -c listen_addresses= -c max_connections=400 \
                -c fsync="$3" -c shared_buffers=32MB -c deadlock_timeout=200ms \
                >>log 2>&1 </dev/null &
            server=$!
            until "$2/pg_isready" -q -h "$1"; do
                kill -0 $server || exit
                sleep 0.05
            done
            echo ready
        }
        "$2/initdb" -D data -U doorpost -A trust -E UTF8 --locale=C --no-sync >log 2>&1 || exit
        start "$@"
        while read -r signal; do
            kill -"$signal" $server
            wait $server
            start "$@"
        done
        kill -INT $server
        wait $server
        rm -rf "$1"
        """

    /// The URL of a schema.
    func url(schema: String) -> String {
        "postgres://doorpost@/postgres?host=\(directory)&options=-csearch_path%3D\(schema)"
    }

    /// Runs a test with an empty schema of its own.
    func withSchema<T>(_ body: (String) throws -> T) throws -> T {
        let schema = "t\(UUID().uuidString.lowercased().filter { $0 != "-" })"
        _ = try query("CREATE SCHEMA \(schema)")
        defer { _ = try? query("DROP SCHEMA \(schema) CASCADE") }
        return try body(url(schema: schema))
    }

    /// Runs a test with an empty database of its own.
    func withDatabase<T>(_ body: (String) throws -> T) throws -> T {
        let name = "d\(UUID().uuidString.lowercased().filter { $0 != "-" })"
        _ = try query("CREATE DATABASE \(name)")
        defer { _ = try? query("DROP DATABASE \(name) WITH (FORCE)") }
        return try body("postgres://doorpost@/\(name)?host=\(directory)")
    }

    /// Does something behind the store's back, as psql would.
    ///
    /// - Returns: the first column.
    func query(_ sql: String, at url: String? = nil) throws -> [String?] {
        try postgres(url ?? self.url(schema: "public"), sql)
    }
}

/// Executes statements on a connection of its own, as psql would.
///
/// - Returns: the first column of the last.
func postgres(_ url: String, _ sql: String) throws -> [String?] {
    let keyword = "dbname"
    let connection = keyword.withCString { keyword in
        url.withCString { url in doorpost_pq_connect([keyword, nil], [url, nil]) }
    }
    defer { doorpost_pq_close(connection) }
    let opened = try #require(connection)
    let result = try #require(doorpost_pq_run(opened, sql, 30_000))
    defer { doorpost_pq_clear(result) }
    try #require(doorpost_pq_succeeded(result), "\(String(cString: doorpost_pq_error(result)))")
    return (0..<doorpost_pq_rows(result)).map { row in
        doorpost_pq_is_null(result, row, 0)
            ? nil : doorpost_pq_value(result, row, 0).map { String(cString: $0) }
    }
}
