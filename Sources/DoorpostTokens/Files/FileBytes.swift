internal import DoorpostCore
internal import Glibc

/// Whole reads and whole writes, however small the portions the kernel takes.
enum FileBytes {
    /// Reads to the end, which must come before `limit`.
    static func readAll(_ file: CInt, shown: String, limit: Int) throws(TokenError) -> String {
        var bytes: [UInt8] = []
        var portion = [UInt8](repeating: 0, count: 4096)
        while bytes.count <= limit {
            let count = read(file, &portion, portion.count)
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            if count > 0 {
                bytes += portion[..<count]
            } else if errno != EINTR {
                throw OpenDirectory.failure("cannot read \(shown)")
            }
        }
        throw TokenError(.keysUnavailable, "\(shown) is longer than any key; move it away")
    }

    /// Writes every byte.
    static func writeAll(_ text: String, to file: CInt, shown: String) throws(TokenError) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw OpenDirectory.failure("cannot write \(shown)")
            }
        }
    }
}
