import DoorpostCore
import Foundation

/// `GET /auth/continue?url=…`: whether the page may send a person on to that address after
/// signing in. It goes nowhere but to what this answers.
struct ContinueCall: Handler {
    private struct Body: Encodable {
        var url: String
    }

    func answer(_ call: Call, _ door: HTTPDoorParts) async throws(APIError) -> Answer {
        let items = URLComponents(string: "?\(call.query ?? "")")?.queryItems ?? []
        let urls = items.filter { $0.name == "url" }.compactMap(\.value)
        guard urls.count == 1, let url = ApplicationURL(urls[0]),
            door.settings.applications.compactMap({ ApplicationURL($0) })
                .contains(where: { $0.covers(url) })
        else { throw .invalidRequest("That address is none of an application of this server.") }
        return try .ofOurs(Body(url: url.text))
    }
}
