/// Every operation that is answered. Others are unknown, as to AWS what it never had.
enum Operations {
    static let all: [any Operation] = [
        AdminInitiateAuth(),
        AdminRespondToAuthChallenge(),
        ConfirmSignUp(),
        DeleteUser(),
        GetTokensFromRefreshToken(),
        GetUser(),
        GetUserAuthFactors(),
        GlobalSignOut(),
        InitiateAuth(),
        ResendConfirmationCode(),
        RespondToAuthChallenge(),
        RevokeToken(),
        SignUp(),
        UpdateUserAttributes(),
    ]
}
