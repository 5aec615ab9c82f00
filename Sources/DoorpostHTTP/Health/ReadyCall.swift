import DoorpostCore

/// `GET /readyz`: whether store and keys can be used, and what is known of the mail relay. Says
/// what is missing, and nothing about why: that stands in the log.
struct ReadyCall: Handler {
    private let check: ReadinessCheck

    init(_ check: ReadinessCheck) { self.check = check }

    func answer(_ call: Call, _ door: HTTPDoorParts) async throws(APIError) -> Answer {
        let readiness = await check.readiness(of: door.flow)
        func word(_ isGood: Bool?) -> String {
            isGood.map { $0 ? "ok" : "failed" } ?? "unknown"
        }
        return try .status(
            [
                "status": word(readiness.isGood), "store": word(readiness.store),
                "keys": word(readiness.keys), "mail": word(readiness.mail),
            ], isGood: readiness.isGood)
    }
}
