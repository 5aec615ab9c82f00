import HTTPTypes

extension Routes {
    /// The calls of CONTRACT.md §6, and the page that makes them.
    static var all: Self {
        var routes = Self()
        routes.add(.post, "/auth/initiate", InitiateCall())
        routes.add(.post, "/auth/verify", VerifyCall())
        routes.add(.post, "/auth/resend", ResendCall())
        routes.add(.post, "/auth/refresh", RefreshCall())
        routes.add(.post, "/auth/logout", LogoutCall())
        routes.add(.get, "/auth/me", MeCall())
        routes.add(.get, "/auth/continue", ContinueCall())
        routes.add(.get, "/.well-known/jwks.json", KeysCall())
        routes.addPage()
        routes.addDescription()
        return routes
    }
}
