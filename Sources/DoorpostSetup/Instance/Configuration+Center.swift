package import DoorpostCenter
import DoorpostCore

extension Configuration {
    /// Who asks the central Doorpost for this machine; nil if this machine asks nobody.
    ///
    /// - Parameter host: what this machine calls itself.
    /// - Throws: ``ConfigurationError``: the credential cannot be read.
    package func makeCenter(host: String) throws(ConfigurationError) -> CenterService? {
        guard let center else { return nil }
        return CenterService(
            center.address, key: try readHostKey(center.keyFile), host: host)
    }

    private func readHostKey(_ file: String) throws(ConfigurationError) -> HostKey {
        guard let key = HostKey(try readLine(of: file, as: hostKeyRule())) else {
            throw ConfigurationError(
                path: file,
                "must hold a host's credential in its first line: what 'doorpost host add NAME' "
                    + "printed on the center")
        }
        return key
    }

    /// Who may own and read the host's credential: as with the relay's password.
    package func hostKeyRule() throws(ConfigurationError) -> FileRule {
        .secret(
            "host key", orGroup: try runAsAccount()?.gid,
            remedy: "write what 'doorpost host add NAME' printed on the center into it")
    }
}
