import DoorpostCore
import Yams

extension Section {
    /// The text of a key, or nil if it is not set or is no text.
    func text(_ key: String) -> String? {
        node(key).flatMap { scalar($0, of: key) }
    }

    /// The value of a key as `parse` reads it; the default if it is not set or wrong.
    func value<T>(
        _ key: String, default fallback: T, _ parse: (String) throws(ValueError) -> T
    ) -> T {
        guard let node = node(key), let text = scalar(node, of: key) else { return fallback }
        return parsed(text, at: node, of: key, parse) ?? fallback
    }

    /// A number within bounds.
    func count(_ key: String, default fallback: Int, in bounds: ClosedRange<Int>, why: String = "")
        -> Int
    {
        value(key, default: fallback) { text throws(ValueError) in
            let count = try CountText.parse(text)
            guard bounds.contains(count) else {
                throw ValueError(
                    "must be \(bounds.lowerBound) to \(bounds.upperBound)\(Self.reason(why))")
            }
            return count
        }
    }

    /// A duration within bounds.
    func span(
        _ key: String, default fallback: Span, in bounds: ClosedRange<Span>, why: String = ""
    ) -> Span {
        value(key, default: fallback) { text throws(ValueError) in
            let span = try SpanText.parse(text)
            guard bounds.contains(span) else {
                let low = SpanText.write(bounds.lowerBound)
                let high = SpanText.write(bounds.upperBound)
                throw ValueError("must be \(low) to \(high)\(Self.reason(why))")
            }
            return span
        }
    }

    /// One of the names of an enumeration.
    func choice<T: RawRepresentable<String> & CaseIterable>(_ key: String, default fallback: T) -> T
    {
        value(key, default: fallback) { text throws(ValueError) in
            if let choice = T(rawValue: text) { return choice }
            throw ValueError("must be \(Self.list(T.allCases.map(\.rawValue)))")
        }
    }

    /// A path; relative ones start from the file's directory.
    func file(_ key: String) -> String? {
        text(key).map(reader.resolve)
    }

    /// One value or a list of them; the default if it is not set or any is wrong.
    func list<T>(
        _ key: String, default fallback: [T], atMost limit: Int = 64,
        _ parse: (String) throws(ValueError) -> T
    ) -> [T] {
        guard let node = node(key) else { return fallback }
        let items = node.sequence.map(Array.init) ?? [node]
        guard items.count <= limit else {
            note(key, "must hold at most \(limit) values")
            return fallback
        }
        let values = items.compactMap { item in
            scalar(item, of: key).flatMap { parsed($0, at: item, of: key, parse) }
        }
        return values.count == items.count ? values : fallback
    }

    /// The texts of a mapping whose keys are the administrator's; none if any is wrong.
    ///
    /// - Parameter check: of each key.
    func texts(_ key: String, _ check: (String) throws(ValueError) -> Void) -> [String: String] {
        let inner = section(key)
        var texts: [String: String] = [:]
        for name in inner.keys {
            do throws(ValueError) {
                try check(name)
                texts[name] = inner.text(name)
            } catch {
                inner.note(VisibleText.escape(name, limit: 60), error.text)
                _ = inner.node(name)
            }
        }
        return texts.count == inner.keys.count ? texts : [:]
    }

    private func parsed<T>(
        _ text: String, at node: Node, of key: String, _ parse: (String) throws(ValueError) -> T
    ) -> T? {
        do {
            return try parse(text)
        } catch {
            let shown = error.isWhole ? "" : "'\(VisibleText.escape(text, limit: 80))' "
            reader.note("\(path(key)): \(shown)\(error.text)", at: node)
            return nil
        }
    }

    /// The text of a node, without anything that a terminal or a mail header could be told by.
    private func scalar(_ node: Node, of key: String) -> String? {
        guard let scalar = node.scalar else {
            reader.note("\(path(key)): must be one value, not a list or keys", at: node)
            return nil
        }
        let isNull = scalar.style == .plain && ["~", "null"].contains(scalar.string)
        guard !scalar.string.isEmpty, !isNull else {
            reader.note("\(path(key)): has no value", at: node)
            return nil
        }
        guard scalar.string.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else {
            reader.note("\(path(key)): must not hold control characters", at: node)
            return nil
        }
        return scalar.string
    }

    private static func reason(_ text: String) -> String { text.isEmpty ? "" : " (\(text))" }

    /// `a, b or c`
    private static func list(_ words: [String]) -> String {
        guard let last = words.last, words.count > 1 else { return words.joined() }
        return "\(words.dropLast().joined(separator: ", ")) or \(last)"
    }
}
