import DoorpostCore
import HTTPTypes

/// The cookies of a web session. `__Host-` binds them to this very host over TLS, so that no
/// other machine of the domain can set or shadow them; `HttpOnly` keeps them from scripts.
enum SessionCookies {
    static let id = "__Host-doorpost-id"
    static let access = "__Host-doorpost-access"
    static let refresh = "__Host-doorpost-refresh"

    /// Sets the tokens of a grant.
    static func set(_ grant: WebGrant, in headers: inout HTTPFields) {
        add(id, grant.idToken, "Lax", grant.expiresIn, to: &headers)
        add(access, grant.accessToken, "Lax", grant.expiresIn, to: &headers)
        // Nobody but our own page ever needs this one.
        add(refresh, grant.refreshToken, "Strict", grant.refreshExpiresIn, to: &headers)
    }

    /// Takes them away.
    static func clear(in headers: inout HTTPFields) {
        for name in [id, access, refresh] {
            add(name, "", "Strict", .seconds(0), to: &headers)
        }
    }

    private static func add(
        _ name: String, _ value: String, _ site: String, _ life: Span, to headers: inout HTTPFields
    ) {
        headers.append(
            HTTPField(
                name: .setCookie,
                value: "\(name)=\(value); Path=/; Secure; HttpOnly; SameSite=\(site); "
                    + "Max-Age=\(max(life.milliseconds / 1000, 0))"))
    }

    /// The value of one of our cookies; nil if it was not sent.
    ///
    /// - Throws: ``APIError``: it was sent twice, or the header holds what no cookie of ours
    ///   does: somebody tries to slip one in.
    static func value(of name: String, in headers: HTTPFields) throws(APIError) -> String? {
        var found: String?
        for field in headers[values: .cookie] {
            guard field.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
                throw .invalidRequest("The Cookie header holds bytes that do not belong there.")
            }
            for pair in field.split(separator: ";") {
                let text = pair.drop { $0 == " " }
                guard text.prefix(while: { $0 != "=" }) == name else { continue }
                guard found == nil else { throw .invalidRequest("A cookie was sent twice.") }
                found = String(text.dropFirst(name.count + 1))
            }
        }
        return found == "" ? nil : found
    }
}
