import DoorpostCore

/// `POST /host/account`: whether a Linux account of a host is enrolled.
struct HostAccountCall: Handler {
    func answer(_ call: Call, _ door: HTTPDoorParts) async throws(APIError) -> Answer {
        let body = try JSONBody.decode(HostAccount.self, from: call)
        _ = try HostCredential(call: call, door: door).host(named: body.host)
        let state: AccountState
        do {
            state = try door.flow.accountState(login: body.login)
        } catch {
            throw APIError(error)
        }
        return try .ofOurs(HostAccountAnswer(state))
    }
}
