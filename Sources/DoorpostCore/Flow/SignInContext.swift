/// Through which door, for what and from where somebody signs in.
package struct SignInContext: Hashable, Sendable {
    package enum Door: String, Sendable {
        case pam
        case web
    }

    package enum Act: Hashable, Sendable {
        /// Also of somebody who becomes a user by it, where `signup:` allows that.
        case signIn
        /// Of somebody who says to have no account yet: who has one gets a decoy.
        case signUp
    }

    package var door: Door
    /// A code for the one is none for the other.
    package var act = Act.signIn
    /// The PAM service (`sshd`, `sudo`, …) or the application; escaped for display.
    package var service: String
    /// The machine that is signed in to.
    package var host: String
    package var source: Source
    /// The machine that asks in the place of this one, if one does; ``host`` is its name. What it
    /// says of the source is its word: it counts for the source's limits, since one attacker's address
    /// tries many hosts, but makes nobody known elsewhere.
    package var hostID: HostID?
    /// The terminal, for the record; escaped for display.
    package var tty: String
    /// The app client that asks, if one does; then ``service`` is its id.
    package var client: AppClient?
    /// Names the request where whoever asks repeats it under the same name: then a request of
    /// another name is another sign-in, as soon as another mail may go out.
    package var request: String?
    /// Whether triggers may ask something of their own in the place of the mailed code.
    package var isTriggersToAsk = true
    /// What the program that asks has to say to triggers (`ClientMetadata`).
    package var metadata: [String: String] = [:]
    /// What it says to the trigger before a sign-up alone (`ValidationData`).
    package var validationData: [String: String] = [:]
    /// What it says of who signs up, beside the address.
    package var signUpAttributes: [String: String] = [:]

    package init(door: Door, service: String, host: String, source: Source, tty: String = "") {
        self.door = door
        self.service = VisibleText.escape(service, limit: 255)
        self.host = VisibleText.escape(host, limit: 255)
        self.source = source
        self.tty = VisibleText.escape(tty, limit: 255)
    }

    /// Somebody signs in to an app client.
    ///
    /// - Parameter request: as in ``request``.
    package init(client: AppClient, request: String, host: String, source: Source) {
        self.init(door: .web, service: client.id.text, host: host, source: source)
        self.client = client
        self.request = VisibleText.escape(request, limit: 64)
    }

    /// Nobody is remote: a console, or sudo.
    var isConsole: Bool { door == .pam && source.text.isEmpty }

    /// Under which it is remembered that somebody signed in from here (``LoginSession/sourceKey``);
    /// nil where that proves nothing. What a host says is remembered for that host alone.
    var knownKey: String? {
        guard let hostID else { return source.limitKey }
        let place = isConsole ? "console" : source.limitKey
        return place.map { "host:\(hostID)|\($0)" }
    }

    /// As in ``ChallengeStart/sourceKey``: a host's word makes nobody known.
    var sourceKey: String? { knownKey ?? hostID.map { "host:\($0)|" } }

    /// What a code is good for. The escaping keeps `|` out of none of the parts, so lengths
    /// stand before them: `sudo` on `a` is never `sudo|a` on nothing.
    var purpose: String {
        "\(door.rawValue)|\(service.utf8.count):\(service)|\(host.utf8.count):\(host)"
            + (act == .signUp ? "|signup" : "") + (isTriggersToAsk ? "" : "|mailed")
    }

    /// What makes a second try the same sign-in: the purpose and the source, and the request's
    /// name if it has one.
    var resumeKey: String { request.map { "\(origin)|\($0)" } ?? origin }

    /// As in ``ChallengeStart/resumePrefix``: the resume key, but for the request's name.
    var resumePrefix: String? { request.map { _ in "\(origin)|" } }

    /// The length keeps one source from being the beginning of another.
    private var origin: String { "\(purpose)|\(source.text.utf8.count):\(source.text)" }

    func audit(
        _ kind: AuditEvent.Kind, user: UserID?, at now: Timestamp, detail: String = ""
    ) -> AuditEvent {
        AuditEvent(
            at: now, kind: kind, user: user, door: door.rawValue, service: service, host: host,
            source: source.text, detail: detail)
    }
}
