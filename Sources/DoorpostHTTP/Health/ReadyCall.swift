import DoorpostCore

/// `GET /readyz`: whether somebody could sign in now. Without any of store, keys and mail nobody
/// can. Says which is missing, and nothing about why: that stands in the log.
struct ReadyCall: Handler {
    private let check: ReadinessCheck

    init(_ check: ReadinessCheck) { self.check = check }

    func answer(_ call: Call, _ door: HTTPDoorParts) async throws(APIError) -> Answer {
        let readiness = await check.readiness(of: door.flow)
        func word(_ isGood: Bool) -> String { isGood ? "ok" : "failed" }
        return try .status(
            [
                "status": word(readiness.isGood), "store": word(readiness.store),
                "keys": word(readiness.keys), "mail": word(readiness.mail),
            ], isGood: readiness.isGood)
    }
}
