import ArgumentParser
import DoorpostHTTP
import DoorpostSetup
import Glibc
import Logging
import ServiceLifecycle
import UnixSignals

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the HTTP endpoint.",
        discussion: """
            Serves the sign-in page and the API on 'http.listen', or on the socket that systemd \
            passes, and delivers the mails that wait. Started as root it binds and reads the TLS \
            key, then becomes 'run_as'. An older store is brought up to date first.

            SIGTERM and SIGINT finish the requests in progress (10 s at most), then end with exit \
            0. SIGHUP reads the configuration and the certificate again; when something is wrong \
            with them the old ones stay. systemd is told about all of this (Type=notify-reload).

            Without TLS keep the address on 127.0.0.1 and put a proxy before it, named in \
            'http.trusted_proxies'.

            Exit codes: 69 the address is in use, 74 it may not be used, 78 configuration.

            Examples:
              doorpost serve --config try/doorpost.yaml
              doorpost serve --listen 127.0.0.1:0    (any free port; the log says which)
            """)

    @Option(
        help: ArgumentHelp(
            "In the place of 'http.listen'. Port 0 is any that is free.", valueName: "host:port"))
    var listen: ListenAddress?
    @OptionGroup var config: ConfigOption
    @OptionGroup var log: LogOptions

    func run() async throws {
        let configuration = try config.load()
        try configuration.requireOwnUsers()
        // A client that hangs up is an error of its connection, not a signal for all of us.
        signal(SIGPIPE, SIG_IGN)
        // From here on: a reload that is asked for early is done late, and ends nobody.
        let reloads = await UnixSignalsSequence(trapping: .sighup)
        let logger = log.makeLogger()
        let notifier = SystemdNotifier.fromEnvironment()

        // What may need root: then nothing does any more.
        let socket = try listeningSocket(configuration)
        let tls = try ServingTLS(configuration)
        var limits = ServerLimits()
        limits.connections = min(limits.connections, OpenFiles.raiseLimit())
        try configuration.dropPrivileges()

        try configuration.migrateStoreIfPresent()
        let metrics = DoorMetrics(PrometheusRegistry(), version: Program.version)
        let instance = try Instance.open(
            configuration, forServer: true, log: { logger.notice("\($0)") }
        ) {
            MeasuredStore($0, metrics: metrics)
        }
        warn(configuration, socket, logger)
        let serving = Serving(
            try ServingParts(instance), metrics: metrics, tls: tls, notifier: notifier,
            logger: logger)
        let server = HTTPServer(
            socket: socket, tls: tls?.server, limits: limits, responder: serving.door.respond,
            logger: logger, share: serving.door.share, onListening: serving.isReady,
            onConnections: { change in
                change > 0 ? metrics.connectionOpened() : metrics.connectionClosed()
            })
        var group = ServiceGroupConfiguration(
            services: [
                // The last is stopped first: the server drains while its mails still go.
                serving.courier, server, ReloadService(signals: reloads, serving: serving),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        // The server gives its clients 10 s, the courier its mails 20 s; whatever else still hangs
        // then is cancelled.
        group.maximumGracefulShutdownDuration = .seconds(32)
        try await ServiceGroup(configuration: group).run()
    }

    private func listeningSocket(_ configuration: Configuration) throws -> ListeningSocket {
        do {
            if let socket = try SocketActivation.take() { return socket }
            let address = listen?.address ?? configuration.http.listen
            return try ListeningSocket.bind(host: address.host, port: address.port)
        } catch {
            throw CommandFailure(error.code == .inUse ? .serviceDown : .io, error.text)
        }
    }

    private func warn(
        _ configuration: Configuration, _ socket: ListeningSocket, _ logger: Logger
    ) {
        let isLocal = NetworkAddress(host: socket.host, port: socket.port).isLoopback
        guard !isLocal, configuration.http.tlsCertificate == nil,
            configuration.http.trustedProxies.isEmpty
        else { return }
        logger.warning(
            """
            codes and tokens cross the network in clear: set http.tls_certificate and \
            http.tls_key, or listen on 127.0.0.1 behind a proxy named in http.trusted_proxies
            """)
    }
}

/// `HOST:PORT` on the command line.
struct ListenAddress: ExpressibleByArgument {
    let address: NetworkAddress

    init?(argument: String) {
        guard let address = NetworkAddress(listening: argument) else { return nil }
        self.address = address
    }
}
