import Crypto

/// How many records were seen and what stood in them: two stores whose digests of a collection
/// are equal hold the same in it, whatever keeps it.
struct RecordDigest {
    private(set) var count = 0
    private var hash = SHA256()

    /// Takes in records, which must come in the order of their keys.
    mutating func add(_ records: [StoreRecord]) {
        var bytes: [UInt8] = []
        for record in records {
            for value in record { Self.write(value, to: &bytes) }
        }
        hash.update(data: bytes)
        count += records.count
    }

    /// The SHA-256 of all so far, as hexadecimal digits.
    var checksum: String { Hex.text(Array(hash.finalize())) }

    /// A letter for the kind, and where it is not always as long the length: no two lists of
    /// values are written alike.
    private static func write(_ value: RecordValue, to bytes: inout [UInt8]) {
        switch value {
        case .missing: bytes.append(UInt8(ascii: "-"))
        case .number(let number):
            bytes.append(UInt8(ascii: "n"))
            write(UInt64(bitPattern: number), to: &bytes)
        case .text(let text): write("t", text.utf8, to: &bytes)
        case .bytes(let content): write("b", content, to: &bytes)
        case .flag(let flag): bytes.append(UInt8(ascii: flag ? "+" : "0"))
        case .texts(let texts):
            bytes.append(UInt8(ascii: "l"))
            write(UInt64(texts.count), to: &bytes)
            for text in texts { write("t", text.utf8, to: &bytes) }
        }
    }

    private static func write(
        _ kind: Unicode.Scalar, _ content: some Collection<UInt8>, to bytes: inout [UInt8]
    ) {
        bytes.append(UInt8(ascii: kind))
        write(UInt64(content.count), to: &bytes)
        bytes += content
    }

    private static func write(_ number: UInt64, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.bigEndian) { bytes += $0 }
    }
}

extension RecordDigest: Equatable {
    static func == (left: Self, right: Self) -> Bool {
        left.count == right.count && left.checksum == right.checksum
    }
}
