import DoorpostCore
import Foundation
import GRDB

extension RecordValue {
    /// Reads what a column of this kind holds.
    init(
        _ value: DatabaseValue, _ field: RecordCollection.Field, of collection: RecordCollection
    ) throws {
        switch (field.kind, value.storage) {
        case (.flag, .null): self = .flag(false)
        case (.flag, .int64(let number)): self = .flag(number != 0)
        case (_, .null): self = .missing
        case (.number, .int64(let number)): self = .number(number)
        case (.text, .string(let text)): self = .text(text)
        case (.bytes, .blob(let data)): self = .bytes([UInt8](data))
        case (.texts, .string(let json)):
            guard let texts = Self(texts: json) else {
                throw StoreError.unreadable(collection.name)
            }
            self = texts
        default: throw StoreError.unreadable(collection.name)
        }
    }

    /// As SQLite keeps it.
    var databaseValue: DatabaseValue {
        switch self {
        case .missing: .null
        case .number(let number): number.databaseValue
        case .text(let text): text.databaseValue
        case .bytes(let bytes): Data(bytes).databaseValue
        case .flag(let flag): (flag ? 1 : 0).databaseValue
        case .texts(let texts): JSONValue.texts(texts).line.databaseValue
        }
    }
}
