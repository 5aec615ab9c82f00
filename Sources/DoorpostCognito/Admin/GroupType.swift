import DoorpostCore

/// `GroupType` of the service model.
enum GroupType {
    static func value(_ group: UserGroup, pool: String) -> JSONValue {
        .members([
            "GroupName": .string(group.name),
            "UserPoolId": .string(pool),
            "Description": group.details.map(JSONValue.string),
            "Precedence": group.precedence.map { .integer(Int64($0)) },
            "CreationDate": .time(group.createdAt),
            // Groups are made and removed, and not changed in between.
            "LastModifiedDate": .time(group.createdAt),
        ])
    }
}

extension OperationRequest {
    /// The group that `GroupName` names.
    func namedGroup() throws(CognitoError) -> UserGroup {
        try checkPool()
        let name = input.required("GroupName")
        let group = try stored { (store) throws(StoreError) in try store.group(name) }
        guard let group else { throw .noGroup }
        return group
    }

    /// Puts the named user into the named group, or takes them out.
    func setMember(_ isMember: Bool) throws(CognitoError) -> JSONValue {
        let user = try namedUser()
        let group = input.required("GroupName")
        // A name that no group has must not be written into a record of the trail.
        guard UserGroup.isName(group) else { throw .noGroup }
        let detail = isMember ? "put into group \(group)" : "taken out of group \(group)"
        let audit = audit(.userChanged, user: user.id, detail)
        let result = try stored { (store) throws(StoreError) in
            try store.setMember(user.id, of: group, to: isMember, audit: audit)
        }
        switch result {
        case .changed, .unchanged: return .object([:])
        case .noUser: throw .noUser
        case .noGroup: throw .noGroup
        }
    }
}
