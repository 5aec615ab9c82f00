import DoorpostCore
import DoorpostSQLite
import DoorpostTesting
import Foundation
import GRDB

/// Prints what opening and the calls of a login cost, with `COUNT` users and as many expired
/// challenges in the store.
func bench() throws {
    do {
        let store = try SQLiteStore(path: path)
        for name in ["ada"] + (0..<32).map({ "u\($0)" }) {
            var user = try Samples.user(name)
            if name != "ada" { user.login = nil }
            try store.addUser(user, audit: Samples.audit(.userAdded))
        }
    }
    try fillTables(count)

    try report("open and close, last connection", 200) { _ in _ = try SQLiteStore(path: path) }
    let other = try SQLiteStore(path: path)
    try report("open and close, beside another", 200) { _ in _ = try SQLiteStore(path: path) }
    var kept: [SQLiteStore] = []
    try report("open alone, beside another", 200) { _ in
        kept.append(try SQLiteStore(path: path))
    }
    kept = []
    try report("first user() of a connection", 1) { _ in
        _ = try other.user(.email(Samples.user("ada").email))
    }
    try report("user()", 2000) { _ in _ = try other.user(.email(Samples.user("ada").email)) }
    try report("whole login", 3000) { try login(other, $0) }
    let threads = 32
    try report("\(threads) whole logins at once, each of its own user", 30) { round in
        let errors = race(threads) { thread in
            Result { try login(other, 10_000 + round, "u\(thread)") }
        }
        for error in errors { try error.get() }
    }
    try report("a helper's login: open, login, close", 200) {
        try login(SQLiteStore(path: path), 100_000 + $0)
    }
}

/// All that a login asks of the store, with the limits of the configuration.
private func login(_ store: SQLiteStore, _ number: Int, _ name: String = "ada") throws {
    let now = Samples.noon + .seconds(Int64(number) * 120)
    let day = Span.days(1)
    let user = try store.user(.email(Samples.user(name).email))
    guard let user else { return }
    let source = LimitKey("source:192.0.2.\(number % 250)")
    let total = LimitKey("total")
    _ = try store.startChallenge(
        Samples.start("c\(name)\(number)", for: user.id, at: now) {
            $0.mailRates = [Rate(1000, per: .hours(1)), Rate(100_000, per: day)]
            $0.rules = [
                LimitRule(.startsPerSource, key: source, rates: [Rate(2000, per: .hours(1))]),
                .failures(
                    of: user.id, subject: $0.subject, rates: [Rate(10, per: day)],
                    counts: false),
                LimitRule(
                    .failuresPerSource, key: LimitKey("failures:\(source)"),
                    rates: [Rate(30, per: .hours(1))], counts: false),
                LimitRule(
                    .failuresTotal, key: LimitKey("failures:\(total)"),
                    rates: [Rate(1000, per: day)], counts: false),
                LimitRule(.mailsTotal, key: total, rates: [Rate(100_000, per: day)]),
            ]
        })
    try store.mailSent(MailID("mail-c\(name)\(number)"), answer: "250 ok", at: now)
    _ = try store.countAttempt(
        Samples.attempt("c\(name)\(number)", "a\(name)\(number)", at: now) {
            $0.rules = [
                LimitRule(
                    .failuresPerSource, key: LimitKey("failures:\(source)"),
                    rates: [Rate(30, per: .hours(1))]),
                LimitRule(
                    .failuresTotal, key: LimitKey("failures:\(total)"),
                    rates: [Rate(1000, per: day)]),
            ]
        })
    let done = try store.consumeChallenge(
        Samples.consumption("c\(name)\(number)", "a\(name)\(number)", user: user.id, at: now))
    guard done == .consumed else { fatalError("\(done)") }
}

private func report(_ name: String, _ times: Int, _ body: (Int) throws -> Void) throws {
    var walls: [Duration] = []
    let before = clock()
    for number in 0..<times {
        let begin = ContinuousClock.now
        try body(number)
        walls.append(begin.duration(to: .now))
    }
    let cpu = Double(clock() - before) / Double(CLOCKS_PER_SEC) / Double(times) * 1_000_000
    walls.sort()
    let median = walls[times / 2]
    let p99 = walls[times * 99 / 100]
    say(
        "\(name): median \(median / .microseconds(1)) us, p99 \(p99 / .microseconds(1)) us, CPU \(cpu) us"
    )
}

/// Rows in numbers, as only SQL writes them quickly.
private func fillTables(_ count: Int) throws {
    try DatabaseQueue(path: path).write { db in
        let numbers =
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(count))"
        try db.execute(
            sql: """
                \(numbers) INSERT INTO users (id, email, login, group_names, enabled, created_at)
                SELECT lower(hex(randomblob(16))), lower(hex(randomblob(8))) || '@example.org',
                    'u' || i, '[]', 1, 0 FROM n;
                \(numbers) INSERT INTO challenges (id, subject, user_id, purpose, resume_key, code_hash,
                    attempts_left, created_at, mailed_at, expires_at, mail_key)
                SELECT lower(hex(randomblob(16))), CASE i % 10 WHEN 0 THEN 'user:id-ada' ELSE 'user:' || i END,
                    CASE i % 10 WHEN 0 THEN 'id-ada' END, 'p', 'r', x'', 3, 1700000000000 + i,
                    1700000000000 + i, 1700000300000 + i, 'm' || i FROM n;
                """)
    }
}
