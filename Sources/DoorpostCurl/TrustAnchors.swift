import Glibc

/// Where libcurl finds the certificate authorities for one connection.
package struct TrustAnchors {
    /// A PEM file, read whole.
    package let file: String?
    /// A directory in which OpenSSL looks up what it needs by hash.
    package let directory: String?
    /// Leave libcurl what it was built with.
    package let isSystemDefault: Bool

    /// - Parameters:
    ///   - caFile: trusted in the place of the system's authorities.
    ///   - verifies: whether certificates are looked at; else nothing needs to be read.
    package init(caFile: String?, verifies: Bool = true) {
        file = caFile
        // Debian's file of all authorities costs 25 ms of CPU a connection, its directory of the
        // same authorities less than one.
        let isHashed = caFile == nil && verifies && Self.isHashed(Self.systemDirectory)
        directory = isHashed ? Self.systemDirectory : nil
        isSystemDefault = caFile == nil && verifies && !isHashed
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
