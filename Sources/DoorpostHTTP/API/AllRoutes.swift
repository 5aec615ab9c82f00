import DoorpostCore
import HTTPTypes

extension Routes {
    /// The calls of CONTRACT.md §6, and the page that makes them.
    ///
    /// - Parameter others: adds the calls of another API of this server.
    static func all(_ watch: DoorWatch, adding others: (inout Routes) -> Void) -> Self {
        let metrics = watch.metrics
        var routes = Self()
        routes.add(.post, "/auth/initiate", InitiateCall(metrics: metrics))
        routes.add(.post, "/auth/verify", VerifyCall(metrics: metrics))
        routes.add(.post, "/auth/resend", ResendCall(metrics: metrics))
        routes.add(.post, "/auth/refresh", RefreshCall(metrics: metrics))
        routes.add(.post, "/auth/logout", LogoutCall())
        routes.add(.get, "/auth/me", MeCall())
        routes.add(.get, "/auth/continue", ContinueCall())
        routes.add(.get, "/.well-known/jwks.json", KeysCall())
        routes.add(.get, "/healthz", HealthCall())
        routes.add(.get, "/readyz", ReadyCall(watch.readiness))
        routes.add(.get, "/metrics", MetricsCall(metrics, threads: watch.threads))
        routes.add(.post, HostPath.initiate, HostInitiateCall(metrics: metrics))
        routes.add(.post, HostPath.verify, HostVerifyCall(metrics: metrics))
        routes.add(.post, HostPath.account, HostAccountCall())
        routes.add(.post, HostPath.session, HostSessionCall(ends: false))
        routes.add(.post, HostPath.endSession, HostSessionCall(ends: true))
        routes.add(.post, HostPath.token, HostTokenCall())
        routes.addPage()
        routes.addDescription()
        others(&routes)
        return routes
    }
}
