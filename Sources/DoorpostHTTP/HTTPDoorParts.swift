package import DoorpostCore

/// What the composition hands to the HTTP door. A reload hands over another set.
package struct HTTPDoorParts: Sendable {
    package var flow: Flow
    package var settings: HTTPSettings
    /// Where mails go that a request has queued.
    package var courier: any WebCourier

    package init(flow: Flow, settings: HTTPSettings, courier: any WebCourier) {
        self.flow = flow
        self.settings = settings
        self.courier = courier
    }
}

/// What `issuer:` and `http:` come to for requests.
package struct HTTPSettings: Hashable, Sendable {
    /// The public URL.
    package var issuer: String
    /// The user pool's id.
    package var pool: String
    /// The machine's name in mails, sessions and the audit trail: the host of the issuer.
    package var host: String
    /// Other names of the machine that it is called by, in lower case.
    package var names: [String]
    /// Addresses and networks whose `X-Forwarded-For` is believed.
    package var trustedProxies: [IPNetwork]
    /// Other origins whose pages may call us, as browsers write them.
    package var corsOrigins: [String]
    /// Where a person may be sent on to after signing in.
    package var applications: [String]

    package init(
        issuer: String, pool: String = "local_Main", host: String, names: [String] = [],
        trustedProxies: [IPNetwork] = [],
        corsOrigins: [String] = [], applications: [String] = []
    ) {
        self.issuer = issuer
        self.pool = pool
        self.host = host
        self.names = names
        self.trustedProxies = trustedProxies
        self.corsOrigins = corsOrigins
        self.applications = applications
    }
}

/// The courier as the door sees it.
package protocol WebCourier: Sendable {
    /// Takes a mail that was queued, and claimed for us, to deliver it soon. Never blocks.
    func dispatch(_ mail: PendingMail)

    /// How long to wait while the relay is known to be down; nil if mail goes out, or nobody
    /// knows better.
    var relayIsDownFor: Span? { get }
}
