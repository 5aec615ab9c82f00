import DoorpostCenter
import Yams

/// The keys of a machine that asks a central Doorpost.
extension Configuration {
    /// `server:` as a URL, or as a mapping of `url`, `ca_file` and `proxy`; with `host_key:`.
    static func readCenter(_ file: Section) -> CenterSection? {
        let keyFile = file.file("host_key")
        guard let node = file.node("server") else {
            if file.has("host_key") {
                file.note("host_key", "needs server, too: the central Doorpost that it is for")
            }
            return nil
        }
        if !file.has("host_key") {
            file.note(
                "server",
                "needs host_key, too: a file with what 'doorpost host add NAME' printed there")
        }
        if file.node("store") != nil {
            file.note("store", "must not be set together with server: the users are there")
        }
        let address: CenterAddress
        if node.mapping == nil {
            address = CenterAddress(url: file.value("server", default: "", parseCenter))
        } else {
            let section = file.section("server")
            address = CenterAddress(
                url: section.value("url", default: "", parseCenter),
                caFile: section.file("ca_file"),
                proxy: section.value("proxy", default: nil, parseProxy))
            if !section.has("url") {
                section.note("url", "must be set: where the central Doorpost is")
            }
            section.finish()
        }
        return CenterSection(address: address, keyFile: keyFile ?? "")
    }

    /// A credential and codes go there: never in plain text to another machine.
    private static func parseCenter(_ text: String) throws(ValueError) -> String {
        let url = try WebAddress.parseIssuer(text)
        // Not by its first letters: 127.example.org is another machine.
        let host = NetworkAddress(host: WebAddress.host(ofIssuer: url), port: 0)
        guard url.hasPrefix("https://") || host.isLoopback else {
            throw ValueError("must be https://: a credential and codes are sent there")
        }
        return url
    }

    private static func parseProxy(_ text: String) throws(ValueError) -> String? {
        try WebAddress.parseOrigin(text)
    }
}
