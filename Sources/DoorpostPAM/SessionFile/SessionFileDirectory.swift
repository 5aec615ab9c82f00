package import DoorpostCore
import Glibc

/// Where session files stand: `<directory>/<uid>/<session id>.jwt` (CONTRACT.md §2).
///
/// Both directories are ours and 0711: the user whose uid it is can open a file by its name,
/// and can put nothing there. All work goes through descriptors of the two directories, which
/// are checked after they are opened, so nobody can swap a path underneath.
package struct SessionFileDirectory: Sendable {
    private let path: String

    package init(path: String) { self.path = path }

    /// Writes the token of a sign-in to a file of its own that only the Linux user can read.
    ///
    /// - Returns: the file's path.
    /// - Throws: ``SessionFileError``: nothing is left behind.
    package func write(_ signIn: SignIn) throws(SessionFileError) -> String {
        guard let login = signIn.user.login else { throw .init("the user has no login name") }
        guard case .sessionToken(let token) = signIn.credential else {
            throw .init("the sign-in was not through PAM")
        }
        let account = try LinuxAccount.named(login)
        let top = try Directory.open(path)
        defer { top.close() }
        let directory = try top.makeDirectory(named: "\(account.uid)")
        defer { directory.close() }
        let name = "\(signIn.session.id).jwt"
        try directory.createFile(
            named: name, holding: Array(token.utf8) + [UInt8(ascii: "\n")], owner: account)
        return "\(path)/\(account.uid)/\(name)"
    }

    /// A session file by the parts of its path that may be believed.
    package struct Located: Equatable, Sendable {
        var uid: UInt32
        package var session: SessionID
        var name: String { "\(session).jwt" }
    }

    /// Reads a path as one of ours.
    ///
    /// - Returns: nil if it is not `<this directory>/<uid>/<32 hex digits>.jwt`.
    package func locate(_ told: String) -> Located? {
        let prefix = "\(path)/"
        guard told.hasPrefix(prefix) else { return nil }
        let parts = told.dropFirst(prefix.count).split(
            separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let uid = UInt32(parts[0]), "\(uid)" == parts[0],
            parts[1].hasSuffix(".jwt")
        else { return nil }
        let id = parts[1].dropLast(4)
        guard id.utf8.count == 32,
            id.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return nil }
        return Located(uid: uid, session: SessionID(String(id)))
    }

    /// Whether the session file is there, as this directory holds them.
    func holds(_ file: Located) -> Bool {
        do {
            let top = try Directory.open(path)
            defer { top.close() }
            guard let directory = try top.openDirectory(named: "\(file.uid)") else { return false }
            defer { directory.close() }
            return directory.holdsFile(named: file.name)
        } catch {
            return false
        }
    }

    /// Removes a session file. One that is gone already is no error.
    package func remove(_ file: Located) throws(SessionFileError) {
        let top = try Directory.open(path)
        defer { top.close() }
        guard let directory = try top.openDirectory(named: "\(file.uid)") else { return }
        defer { directory.close() }
        try directory.removeFile(named: file.name)
    }
}

/// Why a session file could not be written or removed: the call and the system's reason.
package struct SessionFileError: Error, Equatable, CustomStringConvertible {
    package let description: String

    init(_ text: String) { description = text }

    /// - Parameter call: what was tried; `errno` says how it failed.
    static func failed(_ call: String) -> Self {
        let reason = errno
        return Self("\(call): \(String(cString: strerror(reason)))")
    }
}

/// A Linux account, as session files need it.
struct LinuxAccount: Equatable {
    var uid: uid_t
    var gid: gid_t

    /// - Returns: nil for a name that no login has, and where there is no such account.
    static func uid(ofName name: String) -> uid_t? {
        guard let login = LoginName(name) else { return nil }
        do {
            return try named(login).uid
        } catch {
            return nil
        }
    }

    static func named(_ login: LoginName) throws(SessionFileError) -> Self {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        let status = getpwnam_r(login.name, &entry, &buffer, buffer.count, &found)
        guard status == 0 else {
            throw SessionFileError("getpwnam_r: \(String(cString: strerror(status)))")
        }
        guard found != nil else {
            throw SessionFileError("there is no Linux account of this login name")
        }
        return Self(uid: entry.pw_uid, gid: entry.pw_gid)
    }
}
