import DoorpostCore

extension RecordValue {
    /// Reads what a column of this kind holds.
    init(_ row: Row, _ column: Int, _ field: RecordCollection.Field) throws {
        guard let text = row.optionalText(column) else {
            self = .missing
            return
        }
        switch field.kind {
        case .number: self = .number(try row.number(column))
        case .text: self = .text(text)
        case .bytes: self = .bytes(try row.bytes(column))
        case .flag: self = .flag(try row.isTrue(column))
        case .texts:
            guard let texts = Self(texts: text) else { throw StoreError.unreadable("list") }
            self = texts
        }
    }

    /// As a statement takes it; nil is NULL.
    var bindable: (any Bindable)? {
        switch self {
        case .missing: nil
        case .number(let number): number
        case .text(let text): text
        case .bytes(let bytes): Bytes(bytes)
        case .flag(let flag): flag
        case .texts(let texts): JSONValue.texts(texts).line
        }
    }
}
