import DoorpostCore

/// `ListUsers`: users that a filter finds, a page at a time.
struct ListUsers: Operation {
    let name = "ListUsers"
    let access = Access.reading
    let input = Structure(
        .required("UserPoolId", .poolID),
        .optional("AttributesToGet", .list(.attributeName)),
        .optional("Limit", .pageSize),
        .optional("PaginationToken", .string(StringRule(length: 1...Int.max, pattern: .notBlank))),
        .optional("Filter", .string(StringRule(length: 0...256))))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        try request.checkPool()
        let names = request.input.strings("AttributesToGet")
        guard Self.attributes.isSuperset(of: names ?? []) else {
            throw .invalidParameter("One or more requested attributes do not exist.")
        }
        let text = request.input.text("Filter") ?? ""
        let page = try Page(
            request, size: "Limit", token: "PaginationToken", parts: 2, of: [name, text])
        let filter =
            text.isEmpty
            ? UserFilter.query(.email, .anything, isEnabled: nil) : try UserFilter(text)
        guard case .query(let field, let match, let isEnabled) = filter else {
            return .object(["Users": .list([])])
        }
        var query = UserQuery(by: field, match, isEnabled: isEnabled, limit: page.wanted)
        if let after = page.after {
            query.after = UserQuery.Position(text: after[0], id: UserID(after[1]))
        }
        let found = try request.stored { (store) throws(StoreError) in try store.users(query) }
        let (users, next) = try page.cut(found) { user in
            let position = query.position(of: user)
            return [position.text, position.id.text]
        }
        return .members([
            "Users": .list(users.map { UserType.value($0, attributes: names) }),
            "PaginationToken": next,
        ])
    }

    /// What programs may ask for; most of it, nobody here has.
    private static let attributes: Set<String> = [
        "address", "birthdate", "email", "email_verified", "family_name", "gender", "given_name",
        "locale", "middle_name", "name", "nickname", "phone_number", "phone_number_verified",
        "picture", "preferred_username", "profile", "sub", "updated_at", "website", "zoneinfo",
    ]
}
