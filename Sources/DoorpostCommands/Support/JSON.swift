import DoorpostCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A value for `--json`: keys in snake_case, times in ISO 8601, what is not known `null` (so that
/// every object of a kind has the same keys).
enum JSON: Encodable {
    case string(String)
    case number(Int)
    case flag(Bool)
    case null
    case list([JSON])
    case object([String: JSON])

    static func string(_ text: String?) -> Self { text.map { .string($0) } ?? .null }
    static func time(_ time: Timestamp?) -> Self { .string(time.map { UTCTime($0).isoText }) }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .string(let text): try container.encode(text)
        case .number(let number): try container.encode(number)
        case .flag(let flag): try container.encode(flag)
        case .null: try container.encodeNil()
        case .list(let items): try container.encode(items)
        case .object(let members): try container.encode(members)
        }
    }

    /// The text, over several lines or on one (`isCompact`), keys sorted.
    func text(isCompact: Bool = false) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if !isCompact { encoder.outputFormatting.insert(.prettyPrinted) }
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
