import CLinux
import Glibc

/// The account that the helper becomes before it reads anything that came from outside.
package enum ServiceUser {
    /// Becomes `name` for good, keeping CAP_CHOWN alone. Without root there is nothing to drop,
    /// and without a name nothing is asked for; either way the process is hardened.
    ///
    /// - Throws: ``ServiceUserError``: the process may be half-way; it must end.
    package static func become(_ name: String?) throws(ServiceUserError) {
        guard let name, geteuid() == 0 else {
            guard doorpost_linux_harden() == 0 else { throw .failed("hardening the process") }
            return
        }
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else {
            throw ServiceUserError(
                description:
                    "run_as: there is no account \(name); make it (adduser --system --group \(name)) or change run_as"
            )
        }
        guard doorpost_linux_become(entry.pw_uid, entry.pw_gid, 1) == 0 else {
            throw .failed("becoming \(name) (run_as; it must not be root)")
        }
    }
}

/// Why privileges could not be dropped, for the administrator.
package struct ServiceUserError: Error, CustomStringConvertible {
    package let description: String

    static func failed(_ what: String) -> Self {
        let reason = errno
        return Self(description: "\(what): \(String(cString: strerror(reason)))")
    }
}
