import Glibc

/// Where commands write: results on standard output, everything else on standard error.
enum Output {
    /// Writes a result line.
    ///
    /// - Throws: ``CommandFailure``: nobody can read it (a full disk, a closed file): a program
    ///   must not take half a list for the whole.
    static func line(_ text: String = "") throws {
        try write(text + "\n")
    }

    /// Writes results that end in line ends of their own.
    static func write(_ text: String) throws {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(1, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw CommandFailure(
                    .io, "standard output cannot be written: \(String(cString: strerror(errno)))")
            }
            rest = rest.dropFirst(count)
        }
    }

    /// Tells the person something that is no result.
    static func note(_ text: String) {
        let line = Array((Terminal.safe(text) + "\n").utf8)
        _ = line.withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
    }
}

/// Keeps text from outside from telling the terminal anything.
enum Terminal {
    /// The text with every control and formatting character but line ends and tabs written as
    /// `\u{…}`; letters of all scripts stay.
    static func safe(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control where scalar == "\n" || scalar == "\t":
                result.unicodeScalars.append(scalar)
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate:
                result += "\\u{\(String(scalar.value, radix: 16))}"
            default:
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
