import ArgumentParser
import DoorpostCore
import DoorpostSetup

struct StoreCopyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy", abstract: "Copy a store into another, empty one.",
        discussion: """
            FROM and TO are what 'store' is in the configuration: sqlite:PATH or \
            postgres://USER@HOST/DATABASE. Users, sessions, codes under way, limits and the audit \
            trail move with their numbers; keys are no part of a store. Stop every 'doorpost \
            serve' first: a store that is in use is refused, and while it is copied nobody can \
            sign in. Killed and run again, it goes on. TO can be used when all was read back and \
            is the same; FROM stays as it was.

            Example: doorpost store copy sqlite:/var/lib/doorpost/doorpost.db \
            'postgres://doorpost@db.example.org/doorpost?passfile=/etc/doorpost/pgpass'
            """)

    @Argument(help: "The store to be copied.") var from: String
    @Argument(help: "The store to be filled.") var to: String
    @OptionGroup var config: ConfigOption
    @OptionGroup var json: JSONOption

    func run() async throws {
        _ = Administrator.name
        let from = try Self.read(from)
        let to = try Self.read(to)
        guard from != to else { throw CommandFailure.usage("FROM and TO are the same store") }
        _ = try config.loadAsService()
        let source = try from.openSource()
        let target = try to.openTarget()
        let progress = ProgressLine()
        defer { progress.end() }
        let copy = RecordCopy(from: source, to: target) { step in
            switch step.step {
            case .copying: progress.show("\(step.collection): \(step.done) of \(step.total)")
            case .checking: progress.show("\(step.collection): \(step.done) looked at")
            case .beginningAnew:
                progress.end()
                Output.note("\(source.place) has changed since the copy was begun: it begins anew")
            }
        }
        let copied = try copy.run(
            audit: Administrator.audit(.storeCopied, user: nil, "from \(source.place)"))
        progress.end()
        if json.isOn {
            return try Output.line(Self.json(source.place, target.place, copied).text())
        }
        try Output.write(Self.table(copied).text)
        Output.note("\(target.place) holds what \(source.place) does. Now write into every")
        Output.note("doorpost.yaml: store: \(target.place)")
        Output.note("and put the old store aside, so that nobody signs in with it by mistake.")
    }

    private static func read(_ text: String) throws -> StoreLocation {
        do {
            return try StoreLocation(text, relativeTo: ".")
        } catch {
            throw CommandFailure.usage(
                error.isWhole ? "a store's URL \(error.text)" : "'\(text)' \(error.text)")
        }
    }

    private static func table(_ copied: [RecordCopy.Copied]) -> Table {
        var table = Table("WHAT", "RECORDS", "SHA-256")
        for each in copied { table.add(each.collection, "\(each.count)", each.checksum) }
        return table
    }

    private static func json(_ from: String, _ to: String, _ copied: [RecordCopy.Copied]) -> JSON {
        .object([
            "from": .string(from), "to": .string(to),
            "copied": .list(
                copied.map { each in
                    .object([
                        "collection": .string(each.collection), "records": .number(each.count),
                        "sha256": .string(each.checksum),
                    ])
                }),
        ])
    }
}
