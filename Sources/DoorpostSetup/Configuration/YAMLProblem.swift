import DoorpostCore
import Yams

/// Says in one line what the YAML parser could not make sense of.
enum YAMLProblem {
    static func describe(_ error: any Error, in text: String) -> ConfigurationError.Problem {
        switch error {
        case YamlError.scanner(let context, let problem, let mark, _),
            YamlError.parser(let context, let problem, let mark, _),
            YamlError.composer(let context, let problem, let mark, _):
            let place = context.map { ", \($0.text) (line \($0.mark.line))" } ?? ""
            return .init(line: mark.line, "is not YAML: \(problem)\(place)")
        case YamlError.duplicatedKeysInMapping(let keys, let context):
            return duplicate(keys.first ?? "", firstLine: context.mark.line, in: text)
        case YamlError.reader(let problem, _, _, _):
            return .init("is not YAML: \(problem)")
        default:
            return .init("is not YAML")
        }
    }

    /// The parser knows where such a key stands first; people look for the second.
    private static func duplicate(_ key: String, firstLine: Int, in text: String)
        -> ConfigurationError.Problem
    {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let later = lines.indices.dropFirst(firstLine).first { index in
            lines[index].drop { $0 == " " }.hasPrefix("\(key):")
        }
        let shown = VisibleText.escape(key, limit: 60)
        return .init(
            line: later.map { $0 + 1 } ?? firstLine,
            "duplicate key '\(shown)' (first in line \(firstLine))")
    }
}
