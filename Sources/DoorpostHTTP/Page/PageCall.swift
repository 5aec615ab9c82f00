import Crypto
import HTTPTypes

/// A file of the login page, as it was built into the program.
struct PageCall: Handler {
    private let answer: Answer
    private let tag: String

    /// - Parameter isPage: an HTML page, which may run our script and nobody else's.
    init(_ bytes: [UInt8], type: String, isPage: Bool = false) {
        tag = "\"\(SHA256.hash(data: bytes).prefix(12).map { String($0, radix: 16) }.joined())\""
        var headers = HTTPFields()
        headers[.contentType] = type
        // Asked again each time, and mostly answered with 304: a new version shows at once.
        headers[.cacheControl] = "no-cache"
        headers[.eTag] = tag
        if isPage { headers[.contentSecurityPolicy] = Self.policy }
        answer = Answer(.ok, headers: headers, body: bytes)
    }

    func answer(_ call: Call, _ door: HTTPDoorParts) async throws(APIError) -> Answer {
        guard call.headers[.ifNoneMatch] == tag else { return answer }
        return Answer(.notModified, headers: answer.headers)
    }

    private static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        + "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
}

extension Routes {
    /// The login page, the signed-in page, and what they load.
    mutating func addPage() {
        let html = "text/html; charset=utf-8"
        add(.get, "/", PageCall(PackageResources.index_html, type: html, isPage: true))
        add(.get, "/home", PageCall(PackageResources.home_html, type: html, isPage: true))
        add(
            .get, "/assets/auth.js",
            PageCall(PackageResources.auth_js, type: "text/javascript; charset=utf-8"))
        add(
            .get, "/assets/styles.css",
            PageCall(PackageResources.styles_css, type: "text/css; charset=utf-8"))
        add(.get, "/assets/icon.svg", PageCall(PackageResources.icon_svg, type: "image/svg+xml"))
    }

    /// The description of the API.
    mutating func addDescription() {
        add(
            .get, "/openapi.json",
            PageCall(PackageResources.openapi_json, type: "application/json"))
    }
}
