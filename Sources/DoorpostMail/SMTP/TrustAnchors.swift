import Glibc

/// Where libcurl finds the certificate authorities for one connection.
struct TrustAnchors {
    /// A PEM file, read whole.
    var file: String?
    /// A directory in which OpenSSL looks up what it needs by hash.
    var directory: String?
    /// Leave libcurl what it was built with.
    var isSystemDefault = false

    init(_ settings: SMTPSettings) {
        if let caFile = settings.caFile {
            file = caFile
        } else if !settings.verifies {
            // Nothing is verified, so nothing needs to be read.
        } else if Self.isHashed(Self.systemDirectory) {
            // Debian's file of all authorities costs 25 ms of CPU a connection, its directory
            // of the same authorities less than one.
            directory = Self.systemDirectory
        } else {
            isSystemDefault = true
        }
    }

    private static let systemDirectory = "/etc/ssl/certs"

    /// Whether the directory has a certificate under its hash, `0123abcd.0`.
    private static func isHashed(_ path: String) -> Bool {
        guard let folder = opendir(path) else { return false }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let isHash = withUnsafeBytes(of: entry.pointee.d_name) { name in
                name.prefix(8).allSatisfy { isxdigit(Int32($0)) != 0 }
                    && name.dropFirst(8).starts(with: ".0\0".utf8)
            }
            if isHash { return true }
        }
        return false
    }
}
