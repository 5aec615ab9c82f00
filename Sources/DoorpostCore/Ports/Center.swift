/// A central Doorpost, as a machine that asks it sees it.
package protocol Center: SignInService {
    /// Whether a token is good, and its session not revoked.
    ///
    /// - Parameter audience: whom it must be meant for; nil is anybody.
    func verdict(on token: String, audience: String?) throws(FlowError) -> TokenVerdict

    /// Asks about nobody, to see whether the center answers this machine.
    ///
    /// - Returns: the center's clock, to the second; nil if it does not say.
    func knock() throws(FlowError) -> Timestamp?
}
