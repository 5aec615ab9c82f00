import DoorpostCore
import Glibc

/// How far the store beside a lock file had come, kept in the lock file: what stands in the store
/// itself is rolled back with it, this is not.
///
/// The audit trail's numbers only grow, and every code that is used has a record there, so the
/// highest of them is the store's generation.
struct Mark: Equatable {
    /// The highest number in the audit trail.
    var number: Int64
    /// In which run of the kernel that was written; nil if nobody could tell.
    var boot: Boot?

    /// Bytes of a mark, which are always as many.
    static let length = 65

    /// What is written: this, the number, the run, and a line end.
    private static let beginning = "doorpost 1 "
    private static let digits = 20

    var bytes: [UInt8] {
        let number = String(number)
        let zeros = String(repeating: "0", count: Self.digits - number.utf8.count)
        return Array("\(Self.beginning)\(zeros)\(number) \(boot?.text ?? Self.unknown)\n".utf8)
    }

    private static let unknown = String(repeating: "-", count: Boot.length)

    init(number: Int64, boot: Boot?) {
        self.number = number
        self.boot = boot
    }

    /// - Returns: nil for what is none: a lock file of an older Doorpost is empty.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.length, bytes.starts(with: Self.beginning.utf8),
            let text = String(validating: bytes.dropFirst(Self.beginning.utf8.count), as: UTF8.self)
        else { return nil }
        let parts = text.split(whereSeparator: { $0 == " " || $0 == "\n" })
        guard parts.count == 2, parts[0].utf8.count == Self.digits, let number = Int64(parts[0]),
            number >= 0
        else { return nil }
        self.number = number
        boot = Boot(String(parts[1]))
        guard boot != nil || parts[1] == Self.unknown else { return nil }
    }
}

/// One run of the kernel, from a boot of the machine to the next.
struct Boot: Equatable {
    static let length = 32
    let text: String

    /// - Parameter text: 32 hexadecimal digits, with dashes or without.
    init?(_ text: some StringProtocol) {
        let digits = text.lowercased().filter { $0 != "-" && $0 != "\n" }
        guard digits.utf8.count == Self.length, digits.utf8.allSatisfy(Self.isDigit) else {
            return nil
        }
        self.text = digits
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    /// The run that this process is in; nil if nothing tells. The server's unit hides the
    /// kernel's file, and says what stands in it (`%b`).
    static var current: Boot? {
        kernels ?? getenv("DOORPOST_BOOT_ID").flatMap { Boot(String(cString: $0)) }
    }

    private static var kernels: Boot? {
        let fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
        guard fd >= 0 else { return nil }
        defer { close(fd) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(fd, &bytes, bytes.count)
        return count > 0 ? Boot(String(decoding: bytes[..<count], as: UTF8.self)) : nil
    }
}
