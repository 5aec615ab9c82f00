package import DoorpostCore
package import DoorpostTriggers

/// One Doorpost, put together from its configuration.
package struct Instance: Sendable {
    package let configuration: Configuration
    package let store: any Store
    package let tokens: any TokenIssuer
    package let keys: FlowKeys
    package let flow: Flow
    /// What `triggers:` names; nil if nothing is set.
    package let triggers: ProgramTriggers?
    /// Where programs of ``triggers`` say something for the administrator.
    private let log: @Sendable (String) -> Void

    /// Opens store and keys. Makes nothing that is missing, but the store's file.
    ///
    /// Whoever is root and has a `run_as` drops to it first (``Configuration/dropPrivileges()``).
    ///
    /// - Parameters:
    ///   - forServer: Whether many threads will ask the store at once.
    ///   - log: takes what triggers say for the administrator, one line each.
    ///   - watch: puts something around the store, such as what measures it.
    package static func open(
        _ configuration: Configuration, clock: any Clock = SystemClock(),
        random: any RandomSource = SystemRandom(), forServer: Bool = false,
        log: @escaping @Sendable (String) -> Void = { _ in },
        watch: (any Store) -> any Store = { $0 }
    ) throws(SetupError) -> Instance {
        // Before its keys are missed, which are at the center, too.
        do {
            try configuration.requireOwnUsers()
        } catch {
            throw .configuration(error)
        }
        let keys: FlowKeys
        do {
            keys = try SecretFile.read(configuration.secretFile)
        } catch {
            throw .keys(error)
        }
        let store: any Store
        do {
            store = watch(try configuration.openStore(forServer: forServer))
        } catch {
            throw .store(error)
        }
        return Instance(configuration, store, keys, clock, random, log)
    }

    private init(
        _ configuration: Configuration, _ store: any Store, _ keys: FlowKeys, _ clock: any Clock,
        _ random: any RandomSource, _ log: @escaping @Sendable (String) -> Void
    ) {
        self.configuration = configuration
        self.store = store
        self.keys = keys
        tokens = configuration.tokenIssuer()
        self.log = log
        triggers = configuration.makeTriggers(log: log)
        flow = Flow(
            store: store, tokens: tokens, clock: clock, random: random, keys: keys,
            policy: configuration.flowPolicy, triggers: triggers)
    }

    /// This instance under another configuration: the same store, everything else anew. Programs
    /// that are kept running end after the events that they have in hand.
    ///
    /// - Throws: ``SetupError``: the secret that it names cannot be read, or its users are at a
    ///   center.
    package func reconfigured(_ configuration: Configuration) throws(SetupError) -> Instance {
        do {
            try configuration.requireOwnUsers()
        } catch {
            throw .configuration(error)
        }
        do {
            let keys = try SecretFile.read(configuration.secretFile)
            return Instance(configuration, store, keys, flow.clock, flow.random, log)
        } catch {
            throw .keys(error)
        }
    }

    /// The mailer that `mail:` and `triggers:` describe. Not part of ``open(_:clock:random:)``: what it loads
    /// (libcurl) is not needed before the prompt.
    package func makeMailer(keepingConnections limit: Int = 0) throws(ConfigurationError)
        -> any Mailer
    {
        try configuration.makeMailer(keepingConnections: limit, triggers: triggers)
    }
}

extension Configuration {
    /// The rules of the flow.
    package var flowPolicy: FlowPolicy {
        FlowPolicy(
            code: code, limits: limits, sessionLifetime: pam.sessionLifetime,
            web: WebPolicy(
                audience: issuer, idLifetime: tokens.id, accessLifetime: tokens.access,
                refreshLifetime: tokens.refresh, refreshGrace: tokens.refreshGrace),
            signup: signup)
    }
}
