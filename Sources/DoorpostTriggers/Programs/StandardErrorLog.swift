import DoorpostCore

/// What programs say beside their answers, on its way to the log: bounded, and escaped, since a
/// program may repeat what came from outside.
struct StandardErrorLog {
    private static let longestLine = 1024

    private let name: String
    private let limit: Int
    private let log: @Sendable (String) -> Void
    private var rest: Int
    private var line: [UInt8] = []
    private var isCut = false

    init(name: String, limit: Int, log: @escaping @Sendable (String) -> Void) {
        self.name = name
        self.limit = limit
        self.log = log
        rest = limit
    }

    mutating func append(_ bytes: some Collection<UInt8>) {
        let kept = bytes.prefix(rest)
        rest -= kept.count
        if kept.count < bytes.count { isCut = true }
        for byte in kept {
            if byte == UInt8(ascii: "\n") { writeLine() } else { line.append(byte) }
        }
    }

    /// An event is over: the next may say as much again.
    mutating func finish() {
        writeLine()
        if isCut { log("\(name): (more than \(limit) bytes; the rest is left out)") }
        (rest, isCut) = (limit, false)
    }

    private mutating func writeLine() {
        guard !line.isEmpty else { return }
        let text = String(decoding: line, as: UTF8.self)
        log("\(name): \(VisibleText.escape(text, limit: Self.longestLine))")
        line.removeAll()
    }
}
