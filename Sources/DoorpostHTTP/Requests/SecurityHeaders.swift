import HTTPTypes

/// What every answer tells browsers (references: the Fetch and CSP standards).
struct SecurityHeaders: Sendable {
    private let fields: [(HTTPField.Name, String)]

    init(_ settings: HTTPSettings) {
        var fields = Self.always
        if settings.issuer.hasPrefix("https://") {
            fields.append((.strictTransportSecurity, "max-age=31536000"))
        }
        self.fields = fields
    }

    /// Adds what the answer does not say itself.
    func add(to answer: inout Answer) {
        for (name, value) in fields where answer.headers[name] == nil {
            answer.headers[name] = value
        }
    }

    private static func name(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else {
            preconditionFailure("a constant field name is valid")
        }
        return name
    }

    /// The policy for what is no page: it loads nothing and stands in no frame.
    private static let always: [(HTTPField.Name, String)] = [
        (.contentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'"),
        (.xContentTypeOptions, "nosniff"),
        (name("X-Frame-Options"), "DENY"),
        (name("Referrer-Policy"), "no-referrer"),
        (name("Cross-Origin-Opener-Policy"), "same-origin"),
        (name("Cross-Origin-Resource-Policy"), "same-origin"),
        (name("Permissions-Policy"), "camera=(), geolocation=(), microphone=()"),
        (.cacheControl, "no-store"),
    ]
}
