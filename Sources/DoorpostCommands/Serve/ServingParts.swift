import DoorpostCore
import DoorpostHTTP
import DoorpostSetup
import Logging

/// One configuration at work: the instance, and what the HTTP door and the courier are given
/// of it.
struct ServingParts: Sendable {
    /// Relay connections that are kept: as many as mails are handed over at once.
    private static let keptConnections = CourierPace().workers

    let configuration: Configuration
    let instance: Instance
    let tools: CourierTools

    init(_ instance: Instance) throws(ConfigurationError) {
        configuration = instance.configuration
        self.instance = instance
        tools = CourierTools(
            flow: instance.flow,
            mailer: try instance.makeMailer(keepingConnections: Self.keptConnections))
    }

    func door(_ courier: OutboxCourier) -> HTTPDoorParts {
        HTTPDoorParts(
            flow: instance.flow, settings: configuration.httpSettings, courier: courier)
    }

    /// The parts for a configuration that was changed: the same store.
    func reconfigured(_ configuration: Configuration) throws -> ServingParts {
        try ServingParts(try instance.reconfigured(configuration))
    }
}

extension Configuration {
    /// What requests must know.
    var httpSettings: HTTPSettings {
        HTTPSettings(
            issuer: issuer, pool: pool, host: issuerHost,
            names: [http.listen.host.lowercased()],
            trustedProxies: http.trustedProxies.compactMap { IPNetwork($0) },
            corsOrigins: http.corsOrigins, applications: http.applications)
    }
}
