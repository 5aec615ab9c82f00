import DoorpostCenter
package import DoorpostCore
import Glibc

extension Configuration {
    /// Where the central Doorpost is that this machine asks; nil if it asks none.
    package var centerURL: String? { center?.address.url }

    /// Refuses a machine that has no users of its own.
    ///
    /// - Throws: ``ConfigurationError``, which says where they are.
    package func requireOwnUsers() throws(ConfigurationError) {
        guard let center else { return }
        throw ConfigurationError(
            path: path,
            "the users of this machine are at \(center.address.url) (server): do it there")
    }

    /// Who asks the central Doorpost for this machine; nil if this machine asks nobody.
    ///
    /// - Parameter host: what this machine calls itself.
    /// - Throws: ``ConfigurationError``: the credential cannot be read.
    package func makeCenter(host: String) throws(ConfigurationError) -> (any Center)? {
        guard let center else { return nil }
        return CenterService(
            center.address, key: try readHostKey(center.keyFile), host: host)
    }

    private func readHostKey(_ file: String) throws(ConfigurationError) -> HostKey {
        guard access(file, R_OK) == 0 || errno != EACCES else {
            throw ConfigurationError(
                path: file,
                "this account may not read the host's credential, with which the center is asked: "
                    + "run this as root; the service may if the file is root:\(runAs ?? "root") 0640"
            )
        }
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
