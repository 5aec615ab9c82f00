import DoorpostCore

/// `UpdateUserAttributes`: the owner of an access token changes what may be changed, the name.
struct UpdateUserAttributes: Operation {
    let name = "UpdateUserAttributes"
    let input = Structure(
        .required("UserAttributes", .attributes),
        .required("AccessToken", .token),
        .optional("ClientMetadata", .texts))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        let owner = try await request.owner()
        let values = try UserAttributes.read(request.input.structures("UserAttributes"))
        // The address is where codes go to: an administrator changes it. To say what it is
        // already changes nothing.
        if let email = values["email"], EmailAddress(email) != owner.user.email {
            throw .unauthorizedAttribute("email")
        }
        if let text = values["name"] {
            let name = try UserAttributes.name(text)
            let isThere: Bool
            do {
                isThere = try request.flow.setName(
                    name, of: owner, in: request.context(of: owner))
            } catch {
                throw CognitoError(error)
            }
            guard isThere else { throw .revokedAccessToken }
        }
        return .object(["CodeDeliveryDetailsList": .list([])])
    }
}
