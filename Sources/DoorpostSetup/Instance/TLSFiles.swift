import Glibc

/// The certificate and key that `http:` names, as they stand in their files.
package struct TLSFiles: Sendable {
    package let certificate: [UInt8]
    package let key: [UInt8]
}

extension Configuration {
    /// Reads `http.tls_certificate` and `http.tls_key`; nil if they are not set.
    ///
    /// Links are followed: certificate clients put the newest file behind one. What a link leads
    /// to must be as trustworthy as any other secret.
    package func readTLSFiles() throws(ConfigurationError) -> TLSFiles? {
        guard let certificate = http.tlsCertificate, let key = http.tlsKey else { return nil }
        var keyRule = FileRule.secret("TLS key", orGroup: try runAsAccount()?.gid)
        keyRule.maximumSize = 64 * 1024
        return TLSFiles(
            certificate: try read(
                certificate, "http.tls_certificate", FileRule(noun: "TLS certificate")),
            key: try read(key, "http.tls_key", keyRule))
    }

    /// The certificate alone, which no secret is; nil if it is not set.
    package func readTLSCertificate() throws(ConfigurationError) -> [UInt8]? {
        guard let certificate = http.tlsCertificate else { return nil }
        return try read(certificate, "http.tls_certificate", FileRule(noun: "TLS certificate"))
    }

    private func read(_ file: String, _ setting: String, _ rule: FileRule)
        throws(ConfigurationError) -> [UInt8]
    {
        var target = file
        if let resolved = realpath(file, nil) {
            target = String(cString: resolved)
            free(resolved)
        }
        do {
            return try TrustedFile.read(target, as: rule)
        } catch {
            throw ConfigurationError(path: path, "\(setting): \(file): \(error.text)")
        }
    }
}
