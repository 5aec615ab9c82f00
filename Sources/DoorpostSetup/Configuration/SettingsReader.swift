import DoorpostCore
import Yams

/// Where the sections of one file put what is wrong with them.
///
/// Reading goes on after a mistake with the default in its place, so that all are found.
final class SettingsReader {
    /// The directory that relative paths start from: the file's own.
    let base: String
    private(set) var problems: [ConfigurationError.Problem] = []

    init(base: String) {
        self.base = base
    }

    func note(_ text: String, at node: Node?) {
        problems.append(.init(line: node?.mark?.line, text))
    }

    /// The sections' problems in the order of their lines.
    var sortedProblems: [ConfigurationError.Problem] {
        problems.enumerated()
            .sorted { ($0.element.line ?? .max, $0.offset) < ($1.element.line ?? .max, $1.offset) }
            .map(\.element)
    }

    /// An absolute path.
    func resolve(_ path: String) -> String {
        path.hasPrefix("/") ? path : "\(base)/\(path)"
    }
}

/// One mapping of the file. What was asked for is what is known: a key that is left over is a
/// mistake.
final class Section {
    let reader: SettingsReader
    /// `code`, or "" for the whole file.
    let name: String
    private var nodes: [String: Node] = [:]
    private var keyNodes: [(key: String, node: Node)] = []
    private var known: [String] = []

    init(_ name: String, in reader: SettingsReader, node: Node?) {
        self.name = name
        self.reader = reader
        guard let node else { return }
        guard let mapping = node.mapping else {
            reader.note("'\(name)' must hold keys and values (key: value)", at: node)
            return
        }
        for (key, value) in mapping {
            guard let text = key.scalar?.string else {
                reader.note("a key must be a word", at: key)
                continue
            }
            nodes[text] = value
            keyNodes.append((text, key))
        }
    }

    /// The keys that the file sets here.
    var keys: [String] { keyNodes.map(\.key) }

    /// The full name of a key: `code.length`.
    func path(_ key: String) -> String { name.isEmpty ? key : "\(name).\(key)" }

    /// The value of a key, which from now on is known; nil if it is not set.
    func node(_ key: String) -> Node? {
        if !known.contains(key) { known.append(key) }
        return nodes[key]
    }

    /// Whether the file sets a key, rightly or wrongly.
    func has(_ key: String) -> Bool { nodes[key] != nil }

    func section(_ key: String) -> Section {
        Section(path(key), in: reader, node: node(key))
    }

    func note(_ key: String, _ text: String) {
        reader.note("\(path(key)): \(text)", at: nodes[key] ?? keyNodes.first?.node)
    }

    /// Reports the keys that nobody asked for.
    func finish() {
        for (key, node) in keyNodes where !known.contains(key) {
            let place = name.isEmpty ? "" : " under '\(name)'"
            let shown = VisibleText.escape(key, limit: 60)
            // Rather a key that is not set yet; but who sets one twice means it, too.
            let free = known.filter { nodes[$0] == nil }
            let isNearFree = Spelling.nearest(to: key, among: free) != nil
            let hint = Spelling.hint(for: key, among: isNearFree ? free : known)
            reader.note("unknown key '\(shown)'\(place)\(hint)", at: node)
        }
    }
}
