internal import Glibc

/// Who may own a key, and that nobody else may read it.
///
/// Apart from the files themselves, so that every case can be tested whoever runs the tests.
package struct FileRules: Sendable {
    /// What is looked at.
    package enum Kind: Sendable {
        /// A key file: regular, 0600 or less.
        case file
        /// The directory of the keys: 0700 or less.
        case directory
    }

    /// The effective user of this process.
    package var user: UInt32
    /// Who owns the directory of the keys. Root works on the keys of the account that the helper
    /// drops to (`run_as`), and whoever owns the directory can put what they like into it anyway.
    package var directoryOwner: UInt32

    package init(user: UInt32, directoryOwner: UInt32) {
        self.user = user
        self.directoryOwner = directoryOwner
    }

    /// - Returns: what is wrong and what to do about it, or nil when the file may be used.
    package func complaint(about path: String, kind: Kind, mode: UInt32, owner: UInt32) -> String? {
        let wanted: (type: UInt32, name: String, mode: String) =
            switch kind {
            case .file: (UInt32(S_IFREG), "a regular file", "600")
            case .directory: (UInt32(S_IFDIR), "a directory", "700")
            }
        guard mode & UInt32(S_IFMT) == wanted.type else {
            return "\(path) is not \(wanted.name); remove it or move it away"
        }
        guard mode & 0o077 == 0 else {
            let shown = String(mode & 0o7777, radix: 8)
            return "\(path) has mode 0\(shown): others can get at it; chmod \(wanted.mode) \(path)"
                + ", and if others could read the key: doorpost key rotate --now"
        }
        let isTrusted = owner == user || owner == 0 || (user == 0 && owner == directoryOwner)
        guard isTrusted else {
            return "\(path) belongs to user \(owner), neither to root nor to user \(user)"
                + "; chown \(user == 0 ? directoryOwner : user) \(path)"
        }
        return nil
    }
}
