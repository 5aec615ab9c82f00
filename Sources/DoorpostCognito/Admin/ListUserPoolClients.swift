import DoorpostCore

/// `ListUserPoolClients`: all clients, by their names.
struct ListUserPoolClients: Operation {
    let name = "ListUserPoolClients"
    let access = Access.reading
    let input = Structure(
        .required("UserPoolId", .poolID),
        .optional("MaxResults", .integer(1...60)),
        .optional("NextToken", .pageToken),
        .optional("ClientType", .oneOf(["REGULAR", "DCR"])))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        try request.checkPool()
        // No client registered itself.
        let type = request.input.text("ClientType") ?? "REGULAR"
        let page = try Page(request, size: "MaxResults", token: "NextToken", of: [name, type])
        let all =
            type == "DCR"
            ? [] : try request.stored { (store) throws(StoreError) in try store.clients() }
        let rest = all.filter { client in
            page.after?.first.map { $0.utf8.lexicographicallyPrecedes(client.name.utf8) } ?? true
        }
        let (clients, next) = try page.cut(rest) { [$0.name] }
        let pool = JSONValue.string(request.pool)
        return .members([
            "UserPoolClients": .list(
                clients.map { client in
                    .object([
                        "UserPoolId": pool, "ClientId": .string(client.id.text),
                        "ClientName": .string(client.name),
                    ])
                }),
            "NextToken": next,
        ])
    }
}
