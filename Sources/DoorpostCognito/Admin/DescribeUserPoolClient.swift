import DoorpostCore

/// `DescribeUserPoolClient`: one client, with its secret.
struct DescribeUserPoolClient: Operation {
    let name = "DescribeUserPoolClient"
    let access = Access.reading
    let input = Structure(
        .required("UserPoolId", .poolID),
        .required("ClientId", .clientID))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        try request.checkPool()
        let client = try request.client()
        return .object([
            "UserPoolClient": ClientType.value(
                client, pool: request.pool, secret: try request.secret(of: client),
                policy: request.flow.policy.web)
        ])
    }
}
