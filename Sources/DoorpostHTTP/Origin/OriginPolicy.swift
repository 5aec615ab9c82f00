import HTTPTypes

/// Which pages may call us: our own, and those of the origins that the administrator named.
struct OriginPolicy: Sendable {
    private let own: String
    private let others: Set<String>

    init(_ settings: HTTPSettings) {
        own = Self.origin(of: settings.issuer)
        others = Set(settings.corsOrigins)
    }

    /// Where a call comes from.
    enum Caller: Equatable {
        /// No page of another site: our own page, or a program.
        case own
        /// A page of an origin that may call us.
        case allowed(String)
        case refused
    }

    /// Browsers say with every call that could change something which page made it, and no page
    /// can make them lie. `null` is the origin of sandboxed frames and files: anybody's.
    func caller(_ headers: HTTPFields) -> Caller {
        let origins = headers[values: .origin]
        guard let origin = origins.first else {
            // Without an origin only a program calls, or a browser from our own page.
            let site = headers[Self.fetchSite]
            return site == nil || site == "same-origin" || site == "none" ? .own : .refused
        }
        guard origins.count == 1 else { return .refused }
        if isOwn(origin, headers) { return .own }
        return others.contains(origin) ? .allowed(origin) : .refused
    }

    /// The issuer's, or that of the address at which we were called: cookies belong to that.
    private func isOwn(_ origin: String, _ headers: HTTPFields) -> Bool {
        if origin == own { return true }
        guard let host = headers[Call.hostField] else { return false }
        return origin == "https://\(host)" || origin == "http://\(host)"
    }

    /// Scheme, host and port of a URL.
    private static func origin(of url: String) -> String {
        let scheme = url.prefix { $0 != ":" }
        let rest = url.dropFirst(scheme.count + 3)
        return "\(scheme)://\(rest.prefix { $0 != "/" })"
    }

    private static func name(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else {
            preconditionFailure("a constant field name is valid")
        }
        return name
    }

    private static let fetchSite = name("Sec-Fetch-Site")
}

extension OriginPolicy {
    /// What a preflight is answered (the Fetch standard): 204 with what may be sent, or a
    /// refusal that tells the browser nothing.
    ///
    /// - Parameter allowed: the header fields that the call takes.
    func preflight(
        _ headers: HTTPFields, methods: [HTTPRequest.Method], allowed: String
    ) throws(APIError) -> Answer {
        guard case .allowed(let origin) = caller(headers) else { throw .originRefused }
        var fields = HTTPFields()
        fields[.accessControlAllowOrigin] = origin
        fields[.accessControlAllowMethods] =
            methods.map(\.rawValue).sorted().joined(separator: ", ")
        fields[.accessControlAllowHeaders] = allowed
        fields[.accessControlMaxAge] = "600"
        fields[.vary] = "Origin"
        return Answer(.noContent, headers: fields)
    }

    /// Lets a page of an allowed origin read the answer. No cookies go with its calls: it holds
    /// its tokens itself.
    ///
    /// - Parameter exposed: the header fields that it may read.
    func share(_ answer: inout Answer, with caller: Caller, exposing exposed: String) {
        guard case .allowed(let origin) = caller else { return }
        answer.headers[.accessControlAllowOrigin] = origin
        answer.headers[.accessControlExposeHeaders] = exposed
        answer.headers[.vary] = "Origin"
    }
}
