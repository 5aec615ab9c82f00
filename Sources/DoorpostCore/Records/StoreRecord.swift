/// What stands in one row of a store, in the order of its collection's fields.
package typealias StoreRecord = [RecordValue]

/// A value as no engine writes it and all can keep it.
package enum RecordValue: Hashable, Sendable {
    case missing
    case number(Int64)
    case text(String)
    case bytes([UInt8])
    case flag(Bool)
    case texts([String])
}

extension RecordValue {
    /// A list of texts that a store keeps as a JSON array.
    ///
    /// - Returns: nil if it is none.
    package init?(texts json: String) {
        guard json != "[]" else {
            self = .texts([])
            return
        }
        guard case .list(let items)? = try? JSONReader.value(json.utf8) else { return nil }
        var texts: [String] = []
        for item in items {
            guard case .string(let text) = item else { return nil }
            texts.append(text)
        }
        self = .texts(texts)
    }
}
