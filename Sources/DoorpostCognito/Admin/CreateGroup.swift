import DoorpostCore

/// `CreateGroup`: a group without members.
struct CreateGroup: Operation {
    let name = "CreateGroup"
    let access = Access.changing
    let input = Structure(
        .required("GroupName", .groupName),
        .required("UserPoolId", .poolID),
        .optional("Description", .details),
        .optional("RoleArn", .arn),
        .optional("Precedence", .integer(0...Int.max)))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        try request.checkPool()
        let name = request.input.required("GroupName")
        guard UserGroup.isName(name) else {
            throw .invalidParameter(
                "A group's name is 1 to 64 letters, digits, '_', '.' and '-' here.")
        }
        guard request.input.text("RoleArn") == nil else {
            throw .invalidParameter("There are no IAM roles here.")
        }
        let group = UserGroup(
            name: name, details: request.input.text("Description"),
            precedence: request.input.integer("Precedence"), createdAt: request.now)
        do {
            try request.store.addGroup(group, audit: request.audit(.groupAdded, name))
        } catch {
            throw error.code == .conflict ? .groupExists : CognitoError(error)
        }
        return .object(["Group": GroupType.value(group, pool: request.pool)])
    }
}
