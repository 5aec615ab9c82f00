package import Glibc

/// A Linux account.
package struct Account: Hashable, Sendable {
    package var name: String
    package var uid: uid_t
    package var gid: gid_t

    /// Looks an account up by its name.
    ///
    /// - Returns: nil if the machine knows none.
    package static func named(_ name: String) -> Account? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 4096)
        while true {
            let result = getpwnam_r(name, &entry, &buffer, buffer.count, &found)
            guard result == ERANGE, buffer.count < 1 << 20 else { break }
            buffer = [CChar](repeating: 0, count: buffer.count * 2)
        }
        return found == nil ? nil : Account(name: name, uid: entry.pw_uid, gid: entry.pw_gid)
    }

    /// Gives up being root, for good: groups first, then group, then user.
    ///
    /// - Important: Does nothing else but this, and says so if it cannot: whoever goes on as root
    ///   after it threw leaves files in the store that the service cannot open.
    package func become() throws(FileError) {
        var groups = [gid]
        // For root, setgid and setuid set the real, effective and saved id.
        guard setgroups(1, &groups) == 0, setgid(gid) == 0, setuid(uid) == 0 else {
            throw FileError(text: "cannot become user \(name): \(String(cString: strerror(errno)))")
        }
        guard uid == 0 || setuid(0) != 0 else {
            throw FileError(text: "cannot give up root for user \(name)")
        }
    }
}

extension Configuration {
    /// The account that `run_as` names; nil if it is not set.
    ///
    /// - Throws: ``ConfigurationError``: the machine does not know the account.
    package func runAsAccount() throws(ConfigurationError) -> Account? {
        guard let runAs else { return nil }
        guard let account = Account.named(runAs) else {
            throw ConfigurationError(
                path: path,
                "run_as: there is no account '\(runAs)' on this machine; run: adduser --system "
                    + "--group --no-create-home \(runAs)")
        }
        return account
    }

    /// Reads the configuration of a machine that has users of its own, and becomes the user of
    /// `run_as`. (One call for commands: with three that throw typed errors in one function of
    /// theirs, the optimizer of Swift 6.3.1 dies of a misplaced "swifterror".)
    @inline(never)
    package static func loadAsService(path: String) throws(ConfigurationError) -> Configuration {
        let configuration = try load(path: path)
        try configuration.requireOwnUsers()
        try configuration.dropPrivileges()
        return configuration
    }

    /// Becomes the user of `run_as`, if we are root and it is set.
    package func dropPrivileges() throws(ConfigurationError) {
        guard geteuid() == 0, let account = try runAsAccount() else { return }
        do {
            try account.become()
        } catch {
            throw ConfigurationError(path: path, "run_as: \(error.text)")
        }
    }
}
