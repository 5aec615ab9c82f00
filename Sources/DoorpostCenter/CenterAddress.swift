/// Where the central Doorpost is, and how this machine comes there (`server:`).
package struct CenterAddress: Hashable, Sendable {
    /// `https://login.example.org`, without a `/` at its end.
    package var url: String
    /// Certificate authorities to trust in the place of the system's.
    package var caFile: String?
    /// An HTTP proxy; nil goes there directly, whatever the environment says.
    package var proxy: String?

    package init(url: String, caFile: String? = nil, proxy: String? = nil) {
        self.url = url
        self.caFile = caFile
        self.proxy = proxy
    }
}
