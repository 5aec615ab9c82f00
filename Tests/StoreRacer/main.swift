// What a test has to let another process do with a store: store-racer MODE PATH [COUNT]
// PATH is that of a SQLite file, or the URL of a PostgreSQL.

import DoorpostCore
import DoorpostPostgres
import DoorpostSQLite
import DoorpostTesting
import Foundation
import GRDB

let arguments = CommandLine.arguments
guard arguments.count >= 3 else {
    say("usage: store-racer MODE PATH [COUNT]")
    exit(64)
}
let path = arguments[2]
let count = arguments.count > 3 ? Int(arguments[3]) ?? 1 : 1

do {
    switch arguments[1] {
    case "guess": try racers { try $0.countAttempt(Samples.attempt("c", $1)).name }
    case "consume":
        try racers {
            try "\($0.consumeChallenge(Samples.consumption("c", $1, user: UserID("id-ada"))))"
        }
    case "round":
        try racers { store, unique in
            let attempt = Samples.attempt("c", unique) { $0.attemptsLeft = 3 }
            let rounds = try Samples.rounds("c") {
                if case .counted(let counted) = try store.countAttempt(attempt) {
                    $0.attemptsLeft = counted.attemptsLeft
                }
            }
            return try store.keepRounds(rounds) == nil ? "over" : "kept"
        }
    case "start":
        try racers { store, unique in
            let start = Samples.start(unique, for: UserID("id-ada")) { $0.resumeKey = "same" }
            return try store.startChallenge(start).name
        }
    case "limit":
        let rule = LimitRule(.failuresTotal, key: LimitKey("k"), rates: [Rate(10, per: .hours(1))])
        try racers { store, unique in
            let start = Samples.start(unique, for: nil) {
                $0.subject = "decoy:\(unique)"
                $0.mailKey = LimitKey(unique)
                $0.rules = [rule]
            }
            return try store.startChallenge(start).name
        }
    case "refresh": try racers { store, _ in try store.rotateRefresh(Samples.rotation(0)).name }
    case "signup":
        let address = try Samples.user("eve").email
        try racers { store, unique in
            let challenge = unique.hasSuffix("0") ? "c1" : "c2"
            return try
                "\(store.consumeChallenge(Samples.consumption(challenge, unique, newUser: address)))"
        }
    case "courier":
        let later = Samples.noon + .seconds(30)
        try racers { store, _ in
            try store.claimDueMails(now: Samples.noon, until: later, limit: 1).first?.id.text
                ?? "none"
        }
    case "copy": try copy()
    case "write": try write()
    case "fill": try fill()
    case "check-full": try checkFull()
    case "check-ballast": try checkBallast()
    case "check":
        try open().checkWritable()
        say("writable")
    case "list":
        for record in try open().auditTrail(AuditQuery(limit: .max)) {
            say(record.event.detail.prefix(40))
        }
    case "hold-lock": try holdLock()
    case "hold-database": try holdDatabase()
    case "bench": try bench()
    default: exit(64)
    }
} catch let error as StoreError {
    say("error \(error.code.name) \(error.detail)")
} catch {
    say("error \(error)")
}

func open() throws -> any Store {
    if path.hasPrefix("postgres:") {
        return try PostgresStore(
            PostgresAddress(path), connections: min(count, 8), patience: .seconds(20))
    }
    return try SQLiteStore(path: path, busyTimeout: .seconds(20))
}

/// Calls once on each thread, together with the other processes, and prints what came out.
func racers(_ call: @escaping @Sendable (any Store, String) throws -> String) throws {
    let store = try open()
    waitForGate()
    let process = getpid()
    for result in race(count, { thread in Result { try call(store, "\(process)-\(thread)") } }) {
        say(try result.get())
    }
}

/// Says that it is ready and waits until the test closes our standard input.
func waitForGate() {
    say("ready")
    while readLine() != nil {}
}

/// Copies to the third argument, a few records at a time, and before each step waits for a line.
func copy() throws {
    let to = arguments[3]
    let source: any RecordSource =
        path.hasPrefix("postgres:")
        ? try PostgresRecords.source(PostgresAddress(path)) : try SQLiteRecords.source(path: path)
    let target: any RecordTarget =
        to.hasPrefix("postgres:")
        ? try PostgresRecords.target(PostgresAddress(to)) : try SQLiteRecords.target(path: to)
    let copy = RecordCopy(from: source, to: target, pageSize: 3) { step in
        say("\(step.step) \(step.collection) \(step.done)")
        _ = readLine()
    }
    _ = try copy.run(audit: Samples.audit(.storeCopied))
    say("done")
}

/// Writes until it is killed, and says what the store has acknowledged.
func write() throws {
    let store = try open()
    for number in 0..<Int.max {
        let detail = "\(getpid())-\(number)"
        try store.appendAudit(Samples.audit(detail: detail))
        say(detail)
    }
}

/// Writes until the disk is full.
func fill() throws {
    let store = try open()
    let padding = String(repeating: "x", count: 4000)
    for number in 0..<100_000 {
        let detail = String(format: "%040d", number)
        try store.appendAudit(Samples.audit(detail: detail + padding))
        say(detail)
    }
}

/// Fills the disk, and asks a store that was open all the while.
func checkFull() throws {
    let store = try open()
    let padding = String(repeating: "x", count: 4000)
    do {
        while true { try store.appendAudit(Samples.audit(detail: padding)) }
    } catch {
        try store.checkWritable()
        say("writable")
    }
}

/// Fills the disk with something else while the store's log has room, and asks the store.
func checkBallast() throws {
    let store = try open()
    let padding = String(repeating: "x", count: 4000)
    for _ in 0..<50 { try store.appendAudit(Samples.audit(detail: padding)) }
    // From here on the log is written over from its start.
    try DatabaseQueue(path: path).writeWithoutTransaction { _ = try $0.checkpoint(.full) }
    let ballast = Glibc.open(path + ".ballast", O_WRONLY | O_CREAT, 0o600)
    let block = [UInt8](repeating: 0, count: 4096)
    while Glibc.write(ballast, block, block.count) > 0 {}
    try store.appendAudit(Samples.audit())
    say("written")
    try store.checkWritable()
    say("writable")
}

func holdLock() throws {
    let fd = Glibc.open(path + ".lock", O_RDONLY)
    guard fd >= 0, flock(fd, LOCK_EX) == 0 else { exit(1) }
    waitForGate()
}

/// A program that knows nothing of our lock file, as the sqlite3 shell.
func holdDatabase() throws {
    try DatabaseQueue(path: path).inDatabase { db in
        try db.execute(sql: "BEGIN EXCLUSIVE")
        waitForGate()
        try db.execute(sql: "ROLLBACK")
    }
}

extension ChallengeAttemptResult {
    var name: String { if case .counted = self { "counted" } else { "\(self)" } }
}

extension RefreshRotationResult {
    var name: String {
        switch self {
        case .rotated: "rotated"
        case .repeated: "repeated"
        case .reused: "reused"
        case .ended: "ended"
        }
    }
}

extension ChallengeStartResult {
    var name: String {
        switch self {
        case .started: "started"
        case .resumed: "resumed"
        case .limited(let hit): "limited \(hit.name)"
        }
    }
}

/// Prints a line at once: a process that is killed has said what it did.
func say(_ line: some CustomStringConvertible) {
    FileHandle.standardOutput.write(Data("\(line)\n".utf8))
}
