import DoorpostCore
import DoorpostHTTP
import DoorpostSetup
import Logging

/// One configuration at work: the instance, and what the HTTP door is given of it.
struct ServingParts: Sendable {
    let configuration: Configuration
    let instance: Instance
    let door: HTTPDoorParts

    init(_ instance: Instance, logger: Logger) throws(ConfigurationError) {
        configuration = instance.configuration
        self.instance = instance
        let mailer = try instance.makeMailer()
        door = HTTPDoorParts(
            flow: instance.flow, settings: configuration.httpSettings,
            courier: StandInCourier(
                Delivery(store: instance.store, mailer: mailer, clock: SystemClock()),
                logger: logger))
    }

    /// The parts for a configuration that was changed: the same store.
    func reconfigured(_ configuration: Configuration, logger: Logger) throws -> ServingParts {
        try ServingParts(try instance.reconfigured(configuration), logger: logger)
    }
}

extension Configuration {
    /// What requests must know.
    var httpSettings: HTTPSettings {
        HTTPSettings(
            issuer: issuer, host: issuerHost,
            trustedProxies: http.trustedProxies.compactMap { IPNetwork($0) },
            corsOrigins: http.corsOrigins, applications: http.applications)
    }
}
