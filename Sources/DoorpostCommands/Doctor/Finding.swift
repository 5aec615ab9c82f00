import Glibc

/// What one check of the doctor came to.
struct Finding: Equatable {
    enum State: String {
        case ok
        /// Works, but something better was to be had.
        case warning
        /// Somebody cannot sign in, or can who should not.
        case problem
        /// Could not be looked at; the remedy says how.
        case unchecked
    }

    /// Which part it is about: `store`, `pam`, `sshd`.
    var name: String
    var state: State
    /// What was found.
    var what: String
    /// What to do about it; "" when nothing is to be done.
    var remedy = ""

    static func ok(_ name: String, _ what: String) -> Self {
        Self(name: name, state: .ok, what: what)
    }

    static func warning(_ name: String, _ what: String, _ remedy: String) -> Self {
        Self(name: name, state: .warning, what: what, remedy: remedy)
    }

    static func problem(_ name: String, _ what: String, _ remedy: String) -> Self {
        Self(name: name, state: .problem, what: what, remedy: remedy)
    }

    static func needsRoot(_ name: String) -> Self {
        Self(
            name: name, state: .unchecked, what: "not checked: needs root",
            remedy: "run it with sudo")
    }

    var json: JSON {
        .object([
            "name": .string(name), "state": .string(state.rawValue), "what": .string(what),
            "remedy": .string(remedy),
        ])
    }
}

/// The lines of a text file of the system, without comments; nil if it cannot be read.
enum SystemText {
    static func lines(_ path: String) -> [Substring]? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        return lines(of: file)
    }

    /// What a program prints, or nil if it did not end well. `command` is ours, never anybody's
    /// input.
    static func output(of command: String) -> [Substring]? {
        guard let pipe = popen(command, "re") else { return nil }
        let lines = lines(of: pipe)
        return pclose(pipe) == 0 ? lines : nil
    }

    private static func lines(of file: UnsafeMutablePointer<FILE>) -> [Substring] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 8192)
        while bytes.count < 1 << 20 {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            .map { $0.prefix { $0 != "#" } }.filter { !$0.allSatisfy(\.isWhitespace) }
    }
}
