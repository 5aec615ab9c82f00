// What administrators' operations can answer: names and texts of AWS.
extension CognitoError {
    static let noUser = Self("UserNotFoundException", "User does not exist.")
    static let addressTaken = "An account with the given email already exists."
    static let usernameExists = Self("UsernameExistsException", addressTaken)
    static let aliasExists = Self("AliasExistsException", addressTaken)
    static let noGroup = Self("ResourceNotFoundException", "Group not found.")
    static let groupExists = Self(
        "GroupExistsException", "A group with the name already exists.")
    static let linuxAddress = notAuthorized(
        "The user has a Linux login, so the address is changed on the machine alone.")
    static let badPageToken = invalidParameter("Invalid pagination token.")
    static let noHostedPages = Self(
        "InvalidOAuthFlowException", "There are no hosted pages, so no OAuth flows either.")

    static func noResend(_ user: String) -> Self {
        Self(
            "UnsupportedUserStateException",
            "Resend not possible. \(user) status is not FORCE_CHANGE_PASSWORD")
    }
}
