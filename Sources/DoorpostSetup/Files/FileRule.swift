package import Glibc

/// Who may do what with a file or directory before it is trusted.
package struct FileRule: Sendable {
    /// Who besides the owner may read it.
    package enum Readers: Sendable {
        case anyone
        /// The owner, and this group if there is one.
        case owner(orGroup: gid_t?)
    }

    /// What it is, for messages: `configuration file`.
    package var noun: String
    package var isDirectory = false
    package var maximumSize = 64 * 1024
    package var readers = Readers.anyone
    /// Who may own it, besides root; nil is whoever asks.
    package var user: uid_t?
    /// What makes one, for when it is missing.
    package var remedyIfMissing = ""

    package static let configuration = Self(
        noun: "configuration file",
        remedyIfMissing: "name another with --config, or make an instance with 'doorpost init DIR'")

    /// A file with a secret in it.
    ///
    /// - Parameter group: may read it too: the group of `run_as`, so that `root:doorpost 0640`
    ///   is allowed; nobody else is in that group.
    package static func secret(_ noun: String, orGroup group: gid_t? = nil, remedy: String = "")
        -> Self
    {
        Self(
            noun: noun, maximumSize: 4096, readers: .owner(orGroup: group), remedyIfMissing: remedy)
    }

    /// The store's file.
    package static let store = Self(
        noun: "store", maximumSize: .max, readers: .owner(orGroup: nil),
        remedyIfMissing: "it is made at first use, or correct 'store:'")

    /// A directory in which nobody else may put or swap anything.
    package static func directory(_ noun: String, remedy: String = "") -> Self {
        Self(noun: noun, isDirectory: true, remedyIfMissing: remedy)
    }
}

/// Why a file is not trusted: one sentence with the remedy, without the path.
package struct FileError: Error, Equatable, Sendable {
    package var text: String
    /// The file is not there.
    package var isMissing = false

    package init(text: String, isMissing: Bool = false) {
        self.text = text
        self.isMissing = isMissing
    }
}

extension FileRule {
    /// The first reason not to trust what `status` describes, or nil.
    ///
    /// - Parameter path: for the remedy.
    package func fault(_ status: stat, at path: String) -> FileError? {
        let mode = status.st_mode & 0o7777
        var octal: String { "mode \(String("0000\(String(mode, radix: 8))".suffix(4)))" }
        let kind = status.st_mode & S_IFMT
        guard kind == (isDirectory ? S_IFDIR : S_IFREG) else {
            return FileError(text: "is not a \(isDirectory ? "directory" : "regular file")")
        }
        let me = user ?? geteuid()
        guard status.st_uid == 0 || status.st_uid == me else {
            let allowed = me == 0 ? "root" : "root or uid \(me)"
            return FileError(
                text: "\(noun) belongs to uid \(status.st_uid) (\(octal)), but must belong to "
                    + "\(allowed); run: chown \(me == 0 ? "root" : "\(me)") \(path)")
        }
        guard mode & 0o022 == 0 else {
            return FileError(
                text: "\(noun) can be changed by others (\(octal)); run: chmod go-w \(path)")
        }
        if case .owner(let group) = readers {
            guard mode & 0o004 == 0, mode & 0o040 == 0 || status.st_gid == group else {
                return FileError(
                    text: "\(noun) can be read by others (\(octal)); run: chmod go-rwx \(path)")
            }
        }
        guard isDirectory || status.st_size <= maximumSize else {
            return FileError(text: "\(noun) is larger than \(maximumSize) bytes")
        }
        return nil
    }

    /// Looks at a path without following a link at its end.
    ///
    /// - Returns: why not to trust it, or nil.
    package func fault(at path: String) -> FileError? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return missing(errno) }
        return fault(status, at: path)
    }

    func missing(_ error: Int32) -> FileError {
        switch error {
        case ENOENT, ENOTDIR:
            let remedy = remedyIfMissing.isEmpty ? "" : "; \(remedyIfMissing)"
            return FileError(text: "\(noun) is not there\(remedy)", isMissing: true)
        case ELOOP:
            return FileError(text: "\(noun) is a symbolic link; name the file itself")
        default:
            return FileError(text: "\(noun) cannot be read: \(String(cString: strerror(error)))")
        }
    }
}
