import DoorpostCore
import HTTPTypes

/// `GET /.well-known/jwks.json`: the public keys, for everybody.
package struct KeysCall: Handler {
    package init() {}

    package func answer(_ call: Call, _ door: HTTPDoorParts) async throws(APIError) -> Answer {
        let keys: [UInt8]
        do {
            keys = try await door.flow.tokens.jwks(now: door.flow.clock.now)
        } catch {
            throw .internal("keys: \(error)")
        }
        var headers = HTTPFields()
        headers[.contentType] = "application/json"
        headers[.cacheControl] = "public, max-age=300"
        headers[.accessControlAllowOrigin] = "*"
        return Answer(.ok, headers: headers, body: keys)
    }
}
