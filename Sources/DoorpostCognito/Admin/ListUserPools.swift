import DoorpostCore

/// `ListUserPools`: there is one.
struct ListUserPools: Operation {
    let name = "ListUserPools"
    let access = Access.reading
    let input = Structure(
        .optional(
            "NextToken", .string(StringRule(length: 1...Int.max, pattern: .notBlank))),
        .required("MaxResults", .integer(1...60)))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        let page = try Page(request, size: "MaxResults", token: "NextToken", of: [name])
        let pool = JSONValue.string(request.pool)
        let description = JSONValue.object([
            "Id": pool, "Name": pool, "LambdaConfig": .object([:]),
        ])
        return .object(["UserPools": .list(page.after == nil ? [description] : [])])
    }
}
