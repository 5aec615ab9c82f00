import HTTPTypes

extension Routes {
    /// The calls of CONTRACT.md §6.
    static var auth: Self {
        var routes = Self()
        routes.add(.post, "/auth/initiate", InitiateCall())
        routes.add(.post, "/auth/verify", VerifyCall())
        routes.add(.post, "/auth/resend", ResendCall())
        routes.add(.post, "/auth/refresh", RefreshCall())
        routes.add(.post, "/auth/logout", LogoutCall())
        routes.add(.get, "/auth/me", MeCall())
        routes.add(.get, "/auth/continue", ContinueCall())
        routes.add(.get, "/.well-known/jwks.json", KeysCall())
        return routes
    }
}
