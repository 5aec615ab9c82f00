/// Every operation that is answered. Others are unknown, as to AWS what it never had.
enum Operations {
    static let all: [any Operation] = [
        AdminInitiateAuth(),
        AdminRespondToAuthChallenge(),
        GetTokensFromRefreshToken(),
        InitiateAuth(),
        RespondToAuthChallenge(),
    ]
}
