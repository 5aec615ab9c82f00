internal import DoorpostCore
internal import FoundationEssentials

/// What holds for every token of ours, whatever its use.
enum TokenRules {
    /// How far the clock of a host that issued the token may be ahead of ours.
    static let clockSkew = Span.seconds(60)

    /// The claims that are times.
    static let times = ["exp", "iat", "auth_time"]

    /// What the token says it is for; nil when it says nothing.
    static func use(of payload: [UInt8]) -> String? {
        struct Use: Decodable {
            var token_use: String
        }
        return (try? JSONDecoder().decode(Use.self, from: Data(payload)))?.token_use
    }

    /// Whether the token says that it is of this issuer; the rules of its use look again.
    static func isIssued(by issuer: String, _ payload: [UInt8]) -> Bool {
        struct Issuer: Decodable {
            var iss: String
        }
        let said = try? JSONDecoder().decode(Issuer.self, from: Data(payload))
        return said.map { isSame($0.iss, issuer) } ?? false
    }

    /// Who issued it and for what, before anything that other kinds of token may lack.
    static func checkUse(_ payload: [UInt8], is use: String, of issuer: String)
        throws(TokenError)
    {
        struct Use: Decodable {
            var iss: String
            var token_use: String
        }
        guard let said = try? JSONDecoder().decode(Use.self, from: Data(payload)) else {
            throw TokenError(.invalid, "it does not say iss and token_use")
        }
        guard isSame(said.iss, issuer) else {
            throw TokenError(.wrongUse, "it is of another issuer than \(issuer)")
        }
        guard isSame(said.token_use, use) else {
            throw TokenError(.wrongUse, "its token_use is not \(use)")
        }
    }

    /// - Parameters: seconds since 1970, as the token says them.
    static func checkTimes(
        issued: Int64, authenticated: Int64, expires: Int64, now: Timestamp
    ) throws(TokenError) {
        guard issued < expires, authenticated <= issued else {
            throw TokenError(.invalid, "its times are in no possible order")
        }
        guard Timestamp(seconds: issued) <= now + clockSkew else {
            throw TokenError(.invalid, "it was issued in the future; check the clocks")
        }
        // No leeway: expiry is on the clock that also revokes, and RFC 7519 says "on or after".
        guard now < Timestamp(seconds: expires) else {
            throw TokenError(.expired, "it expired at \(expires) seconds since 1970")
        }
    }

    /// Byte for byte: Swift's `==` takes some different texts for equal.
    static func isSame(_ left: String, _ right: String) -> Bool {
        left.utf8.elementsEqual(right.utf8)
    }
}
