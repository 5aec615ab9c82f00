package import Glibc

/// Programs that we run: only what root or we ourselves have written, where nobody else can put
/// another.
package enum TrustedProgram {
    /// Says why a program is not to be run, or nil.
    ///
    /// Links are followed: `/usr/bin/python3` is one. What it leads to is held to the rule, and so
    /// are the directory of the name and that of the file itself.
    ///
    /// - Parameter user: who will run it; nil is whoever asks.
    package static func fault(at path: String, for user: uid_t? = nil) -> FileError? {
        var program = FileRule(noun: "program", maximumSize: .max)
        program.user = user
        var directory = FileRule.directory("directory of the program")
        directory.user = user
        guard path.hasPrefix("/") else { return FileError(text: "is not an absolute path") }
        guard let file = resolve(path), let named = resolve(parent(path)) else {
            return program.missing(errno)
        }
        for place in Set([named, parent(file)]) {
            if let fault = directory.fault(at: place) { return fault }
        }
        if let fault = program.fault(at: file) { return fault }
        guard isExecutable(file, for: user) else {
            return FileError(text: "program is not executable; run: chmod +x \(file)")
        }
        return nil
    }

    private static func resolve(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func parent(_ path: String) -> String {
        let end = path.lastIndex(of: "/") ?? path.startIndex
        return end == path.startIndex ? "/" : String(path[..<end])
    }

    private static func isExecutable(_ path: String, for user: uid_t?) -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0 else { return false }
        if let user, user != geteuid() {
            return status.st_mode & (status.st_uid == user ? 0o100 : 0o011) != 0
        }
        return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0
    }
}
