internal import DoorpostCore
internal import Glibc
internal import Synchronization

/// The keys as they were when last read, and those of them that were parsed.
///
/// A long-lived server must notice `key rotate` by itself, and a helper that signs one token must
/// parse one key: so the directory is looked at every time (one `stat`), its files are read only
/// when it has changed, and a key is parsed when it is first used.
final class KeyCache: Sendable {
    private struct State {
        var stamp: DirectoryStamp?
        var ring: KeyRing
        var files: [KeyID: KeyFile] = [:]
        var loaded: [KeyID: LoadedKey] = [:]
    }

    private let directory: KeyDirectory
    private let state: Mutex<State>

    init(_ directory: KeyDirectory) {
        self.directory = directory
        state = Mutex(State(ring: KeyRing([], policy: directory.policy)))
    }

    /// The keys as they stand on disk now.
    ///
    /// - Throws: `keysUnavailable`, also when the keys were read well before: a key that others
    ///   can read, or that cannot be read, must not go on as if nothing had happened.
    func ring() throws(TokenError) -> KeyRing {
        let stamp = DirectoryStamp(directory.path)
        let known = state.withLock { state in
            stamp != nil && stamp == state.stamp ? state.ring : nil
        }
        if let known { return known }
        let files = try directory.files(in: OpenDirectory(directory.path))
        let ring = KeyRing(files.map(\.record), policy: directory.policy)
        state.withLock { state in
            state.stamp = stamp
            state.ring = ring
            // A kid is a thumbprint: a key that was parsed under it can never become another.
            state.loaded = state.loaded.filter { id, _ in files.contains { $0.record.id == id } }
            state.files = [:]
            for file in files { state.files[file.record.id] = file }
        }
        return ring
    }

    /// A key of ``ring()``, parsed.
    func key(_ record: KeyRecord) async throws(TokenError) -> LoadedKey {
        let (loaded, file) = state.withLock { ($0.loaded[record.id], $0.files[record.id]) }
        if let loaded { return loaded }
        guard let file else {
            throw TokenError(.keysUnavailable, "the key \(record.id) was removed just now")
        }
        let key = try await LoadedKey(directory.key(of: file))
        state.withLock { state in
            if state.files[record.id] != nil { state.loaded[record.id] = key }
        }
        return key
    }
}
