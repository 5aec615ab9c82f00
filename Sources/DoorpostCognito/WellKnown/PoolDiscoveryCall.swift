import DoorpostCore
import DoorpostHTTP
import Foundation
import HTTPTypes

/// `GET /<pool>/.well-known/openid-configuration`: where verifiers find the keys. What Doorpost
/// does not have (a hosted page with authorization endpoints) is not named.
struct PoolDiscoveryCall: Handler {
    func answer(_ call: Call, _ door: HTTPDoorParts) async throws(APIError) -> Answer {
        // The algorithms are those of the keys that stand in the key set.
        let keys = try await KeysCall().answer(call, door)
        let issuer = "\(door.settings.issuer)/\(door.settings.pool)"
        let document = JSONValue.members([
            "issuer": .string(issuer),
            "jwks_uri": .string("\(issuer)/.well-known/jwks.json"),
            "subject_types_supported": .list([.string("public")]),
            "response_types_supported": .list([]),
            "id_token_signing_alg_values_supported": .list(
                Self.algorithms(keys.body).map(JSONValue.string)),
        ])
        var headers = keys.headers
        headers[.contentType] = "application/json"
        return Answer(.ok, headers: headers, body: document.bytes)
    }

    private static func algorithms(_ keySet: [UInt8]) -> [String] {
        struct KeySet: Decodable {
            struct Key: Decodable {
                var alg: String
            }
            var keys: [Key]
        }
        let keys = (try? JSONDecoder().decode(KeySet.self, from: Data(keySet)))?.keys ?? []
        return Set(keys.map(\.alg)).sorted()
    }
}
