import DoorpostHTTP
import DoorpostSetup

/// Keeps the server's certificate as the configuration's files have it.
struct ServingTLS: Sendable {
    let server: ServerTLS

    /// - Returns: nil if the configuration names no certificate.
    init?(_ configuration: Configuration) throws(ConfigurationError) {
        guard let files = try configuration.readTLSFiles() else { return nil }
        do {
            server = try ServerTLS(certificate: files.certificate, key: files.key)
        } catch {
            throw Self.explain(error, configuration)
        }
    }

    /// Reads the files again, for new connections.
    ///
    /// - Throws: ``ConfigurationError``; the certificate that was there stays.
    func reload(_ configuration: Configuration) throws(ConfigurationError) {
        guard let files = try configuration.readTLSFiles() else { return }
        do {
            try server.replace(certificate: files.certificate, key: files.key)
        } catch {
            throw Self.explain(error, configuration)
        }
    }

    private static func explain(_ fault: ServerTLS.Fault, _ configuration: Configuration)
        -> ConfigurationError
    {
        let certificate = configuration.http.tlsCertificate ?? ""
        let key = configuration.http.tlsKey ?? ""
        let text =
            switch fault.part {
            case .certificate: "http.tls_certificate: \(certificate) \(fault.text)"
            case .key: "http.tls_key: \(key) \(fault.text)"
            case .both: "http.tls_certificate: \(certificate) and \(key): \(fault.text)"
            }
        return ConfigurationError(path: configuration.path, text)
    }
}
