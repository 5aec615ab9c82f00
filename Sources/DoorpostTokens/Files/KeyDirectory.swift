package import DoorpostCore

/// The signing keys of this Doorpost: a directory (0700) with one file (0600) a key.
///
/// Loading never makes a key: a fresh key in the place of one that cannot be read would silently
/// end every session, and hide what happened.
package struct KeyDirectory: Sendable {
    package let path: String
    package var policy: KeyPolicy

    /// Touches nothing yet.
    package init(path: String, policy: KeyPolicy = KeyPolicy()) {
        self.path = path
        self.policy = policy
    }

    /// What is known of the keys, for `key list` and for decisions.
    package func ring() throws(TokenError) -> KeyRing {
        KeyRing(try files(in: OpenDirectory(path)).map(\.record), policy: policy)
    }

    /// Reads every key and checks that it is what its file says: for `doctor` and `serve`, which
    /// should complain now rather than when a key's time comes.
    package func check() throws(TokenError) {
        for file in try files(in: OpenDirectory(path)) { _ = try key(of: file) }
    }

    /// The files of all keys, their private keys unread.
    func files(in directory: borrowing OpenDirectory) throws(TokenError) -> [KeyFile] {
        var files: [KeyFile] = []
        for name in try directory.names() {
            guard let id = KeyFile.id(fromName: name) else { continue }
            let text = try directory.read(name)
            do throws(TokenError) {
                files.append(try KeyFile(text, id: id))
            } catch {
                throw TokenError(error.code, "\(path)/\(name) \(error.detail)")
            }
        }
        return files
    }

    /// The key of a file, whose name must be the key's own.
    func key(of file: KeyFile) throws(TokenError) -> SigningKey {
        let shown = "\(path)/\(KeyFile.name(of: file.record.id))"
        let key: SigningKey
        do throws(TokenError) {
            key = try SigningKey(pem: file.pem, algorithm: file.record.algorithm)
        } catch {
            throw TokenError(error.code, "\(shown) \(error.detail); restore it from a backup")
        }
        guard key.id == file.record.id else {
            throw TokenError(
                .keysUnavailable, "\(shown) holds the key \(key.id); give the file its old name")
        }
        return key
    }
}
