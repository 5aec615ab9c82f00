import DoorpostCore
import HTTPTypes

/// `GET /healthz`: the process answers.
struct HealthCall: Handler {
    func answer(_ call: Call, _ door: HTTPDoorParts) async throws(APIError) -> Answer {
        try .status(["status": "ok"], isGood: true)
    }
}

extension Answer {
    /// Words about how the server is, for machines that watch it.
    static func status(_ words: [String: String], isGood: Bool) throws(APIError) -> Self {
        do {
            return try .json(
                words, status: isGood ? .ok : .serviceUnavailable,
                headers: isGood ? [:] : [.retryAfter: "5"])
        } catch {
            throw .internal("\(error)")
        }
    }
}
