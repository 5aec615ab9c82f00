import DoorpostCenter
package import DoorpostCore
import DoorpostMail
import DoorpostPostgres
import DoorpostSQLite
import DoorpostTokens
package import DoorpostTriggers

/// Which adapter stands behind which port.
extension Configuration {
    /// Opens the store, and sets an empty one up.
    ///
    /// - Parameters:
    ///   - create: Whether a missing one is made; else it is an error.
    ///   - forServer: Whether many threads will ask it at once.
    package func openStore(
        create: Bool = true, forServer: Bool = false
    ) throws(StoreError) -> any Store {
        switch try location() {
        case .sqlite(let path):
            try SQLiteStore(path: path, create: create, readsApart: forServer)
        case .postgres(let address):
            try PostgresStore(
                address, connections: forServer ? Self.serverConnections : 1, create: create)
        }
    }

    /// Brings an older store up to date.
    package func migrateStore() throws(StoreError) {
        switch try location() {
        case .sqlite(let path): try SQLiteStore.migrate(path: path)
        case .postgres(let address): try PostgresStore.migrate(address)
        }
    }

    /// Brings an older store up to date if there is one; a missing one is made when it is opened.
    package func migrateStoreIfPresent() throws(StoreError) {
        switch try location() {
        case .sqlite(let path):
            if FileRule.store.fault(at: path)?.isMissing != true { try migrateStore() }
        case .postgres: try migrateStore()
        }
    }

    /// Writes a copy of the store, which may be in use.
    package func backUpStore(to path: String) throws(StoreError) {
        switch try location() {
        case .sqlite(let store): try SQLiteStore(path: store, create: false).backUp(to: path)
        case .postgres: throw Self.notOurs("pg_dump or pg_basebackup")
        }
    }

    /// Puts a backup in the place of the store: ``SQLiteStore/restore(_:to:keepsSessions:audit:)``.
    ///
    /// - Returns: where the old store is now; nil if there was none.
    package func restoreStore(from backup: String, keepsSessions: Bool, audit: AuditEvent)
        throws(StoreError) -> String?
    {
        switch try location() {
        case .sqlite(let path):
            try SQLiteStore.restore(
                backup, to: path, keepsSessions: keepsSessions, audit: audit)
        case .postgres: throw Self.notOurs("pg_restore")
        }
    }

    private static func notOurs(_ tool: String) -> StoreError {
        StoreError(.unavailable, "the store is a PostgreSQL, which has its own way: \(tool).")
    }

    /// Where the store is.
    ///
    /// - Throws: ``StoreError``: at the center, which alone opens it.
    private func location() throws(StoreError) -> StoreLocation {
        guard let center else { return store }
        throw StoreError(
            .unavailable,
            "the users of this machine are at \(center.address.url) (server:). Do it there.")
    }

    /// Opens the store, looks for damage, and tries whether it can be written.
    package func checkStore() throws(StoreError) -> any Store {
        switch try location() {
        case .sqlite(let path):
            let store = try SQLiteStore(path: path, create: false)
            try store.check()
            return store
        case .postgres(let address):
            let store = try PostgresStore(address, create: false)
            try store.check()
            return store
        }
    }

    /// Half as many as there are threads that ask: a thread spends the other half on its own work,
    /// and a PostgreSQL has a hundred connections for all servers and helpers together.
    private static let serverConnections = 16

    /// The signing keys; they are read when the first token is signed or checked.
    package func tokenIssuer() -> any TokenIssuer {
        KeyRingTokenIssuer(directory: keyDirectory, issuer: issuer, pool: pool)
    }

    /// The programs that `triggers:` names; nil if there are none.
    ///
    /// - Parameter log: takes one line for the administrator.
    package func makeTriggers(log: @escaping @Sendable (String) -> Void) -> ProgramTriggers? {
        guard !triggers.programs.isEmpty else { return nil }
        return ProgramTriggers(
            triggers.programs, pool: pool, tokenVersion: triggers.tokenVersion,
            distrust: { TrustedProgram.fault(at: $0)?.text }, log: log)
    }

    /// The mailer that `mail:` describes.
    ///
    /// - Parameters:
    ///   - limit: how many idle connections to the relay a server keeps for the next
    ///   mails; whoever delivers a single mail keeps none.
    ///   - triggers: are asked before a mail with a code goes out; nil asks nobody.
    package func makeMailer(
        keepingConnections limit: Int = 0, triggers: ProgramTriggers?
    ) throws(ConfigurationError) -> any Mailer {
        let relay = try makeRelayMailer(keepingConnections: limit)
        guard let triggers,
            !triggers.points.isDisjoint(with: [.customMessage, .customEmailSender])
        else { return relay }
        return TriggeredMailer(relay, triggers)
    }

    private func makeRelayMailer(keepingConnections limit: Int) throws(ConfigurationError)
        -> any Mailer
    {
        var settings = MailConfiguration(
            from: mail.from, bounces: mail.bounces, transport: mail.transport,
            username: mail.username, tls: mail.tls,
            caFile: mail.caFile)
        settings.password = try mail.passwordFile.map { file throws(ConfigurationError) in
            MailPassword(try readPassword(file))
        }
        do {
            return try settings.makeMailer(keepingConnections: limit)
        } catch {
            throw ConfigurationError(path: path, "mail: \(error.detail)")
        }
    }

    /// Reads a delivery status notification: what came back, before anybody has looked whether it
    /// was ours.
    ///
    /// - Parameter recipients: addresses that it was delivered to, beside those that it names.
    /// - Returns: nil if it is no such notification.
    package static func readBounce(_ mail: [UInt8], deliveredTo recipients: [String])
        -> BounceNotice?
    {
        BounceReader.read(mail, deliveredTo: recipients)
    }

    /// Keys stay published as long as any token that they signed may live.
    var keyDirectory: KeyDirectory {
        let longest = max(
            pam.sessionLifetime, tokens.id, tokens.access, ClientLimits.longestTokenLife)
        return KeyDirectory(path: keys, policy: KeyPolicy(longestTokenLife: longest))
    }

    /// Who may own and read the relay's password: as with the secret key, but that the group of
    /// `run_as` may read it too (`root:doorpost 0640`), since nobody else is in that group.
    package func passwordRule() throws(ConfigurationError) -> FileRule {
        .secret("password file", orGroup: try runAsAccount()?.gid)
    }

    private func readPassword(_ file: String) throws(ConfigurationError) -> String {
        let line = try readLine(of: file, as: passwordRule())
        guard !line.isEmpty else {
            throw ConfigurationError(path: file, "must hold the password in its first line")
        }
        return line
    }

    /// The first line of a file with a secret in it; "" if it is empty or no text.
    func readLine(of file: String, as rule: FileRule) throws(ConfigurationError) -> String {
        let bytes: [UInt8]
        do {
            bytes = try TrustedFile.read(file, as: rule)
        } catch {
            throw ConfigurationError(path: file, error.text)
        }
        let line = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        return String(validating: line, as: UTF8.self) ?? ""
    }
}
