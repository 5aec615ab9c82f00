package import DoorpostCore

/// What a store is asked in tests, with the defaults of the configuration; a test changes the
/// fields that it is about.
package enum Samples {
    /// When the tests begin.
    package static let noon = Timestamp(seconds: 1_800_000_000)

    /// An audit event.
    package static func audit(
        _ kind: AuditEvent.Kind = .codeRequested, at: Timestamp = noon, user: UserID? = nil,
        detail: String = ""
    ) -> AuditEvent {
        AuditEvent(
            at: at, kind: kind, user: user, door: "pam", service: "sshd", host: "host-a",
            source: "192.0.2.7", detail: detail)
    }

    /// A user: `ada` has the id `id-ada`, the address `ada@example.org` and the login `ada`.
    package static func user(_ name: String, isEnabled: Bool = true) throws -> User {
        guard let email = EmailAddress("\(name)@example.org"), let login = LoginName(name) else {
            throw Unfit()
        }
        return User(
            id: UserID("id-\(name)"), email: email, login: login, name: "\(name) Example",
            groups: ["admin", "staff \"two\"\n"], isEnabled: isEnabled, createdAt: noon)
    }

    /// The name does not make an address or a login name.
    package struct Unfit: Error {
        package init() {}
    }

    /// A start for a user, with a mail; or with nil for a decoy whose subject is `decoy:x`.
    package static func start(
        _ id: String, for user: UserID?, at now: Timestamp = noon,
        _ change: (inout ChallengeStart) -> Void = { _ in }
    ) -> ChallengeStart {
        let expiresAt = now + .minutes(5)
        let mail = user.map {
            OutboxItem(
                id: MailID("mail-\(id)"), challenge: ChallengeID(id), user: $0,
                sealed: [1, 2, 3], createdAt: now, expiresAt: expiresAt)
        }
        var start = ChallengeStart(
            id: ChallengeID(id), subject: user.map { "name:\($0)" } ?? "decoy:x", user: user,
            purpose: "pam/sshd/host-a", resumeKey: "resume-\(id)", codeHash: [7, 7, 7],
            attempts: 3, now: now, expiresAt: expiresAt, resendAfter: .seconds(60),
            maximumLive: 3, mailKey: LimitKey("mails:\(user?.text ?? "x")"),
            mailRates: [Rate(5, per: .hours(1)), Rate(20, per: .days(1))], rules: [],
            mail: mail, audit: audit(at: now, user: user))
        change(&start)
        return start
    }

    /// An attempt at the challenge with this id.
    package static func attempt(
        _ challenge: String, _ attempt: String, at now: Timestamp = noon,
        _ change: (inout ChallengeAttempt) -> Void = { _ in }
    ) -> ChallengeAttempt {
        var attempt = ChallengeAttempt(
            challenge: ChallengeID(challenge), attempt: attempt, purpose: "pam/sshd/host-a",
            now: now, accountRates: [Rate(10, per: .days(1))], rules: [])
        change(&attempt)
        return attempt
    }

    /// A consumption that begins the login session `session-ATTEMPT`.
    package static func consumption(
        _ challenge: String, _ attempt: String, user: UserID, at now: Timestamp = noon
    ) -> ChallengeConsumption {
        ChallengeConsumption(
            challenge: ChallengeID(challenge), attempt: attempt, now: now,
            session: session("session-\(attempt)", of: user, at: now),
            audit: audit(.signedIn, at: now, user: user))
    }

    /// A login session of 12 hours.
    package static func session(
        _ id: String, of user: UserID, at now: Timestamp = noon
    ) -> LoginSession {
        LoginSession(
            id: SessionID(id), user: user, door: "pam", service: "sshd", host: "host-a",
            source: "192.0.2.7", tty: "ssh", createdAt: now, expiresAt: now + .hours(12))
    }

    /// A resend of the challenge with this id.
    package static func resend(
        _ challenge: String, at now: Timestamp,
        _ change: (inout ChallengeResend) -> Void = { _ in }
    ) -> ChallengeResend {
        var resend = ChallengeResend(
            challenge: ChallengeID(challenge), purpose: "pam/sshd/host-a", now: now,
            claimUntil: now + OutboxItem.claimLength, resendAfter: .seconds(60),
            mailRates: [Rate(5, per: .hours(1)), Rate(20, per: .days(1))], rules: [],
            audit: audit(.codeResent, at: now))
        change(&resend)
        return resend
    }

    /// A round of the challenge with this id, before any attempt.
    package static func rounds(
        _ challenge: String, at now: Timestamp = noon,
        _ change: (inout RoundsToKeep) throws -> Void = { _ in }
    ) rethrows -> RoundsToKeep {
        var rounds = RoundsToKeep(
            challenge: ChallengeID(challenge), purpose: "pam/sshd/host-a", attemptsLeft: 3,
            sealed: [9, 9], rightAttempt: nil, now: now)
        try change(&rounds)
        return rounds
    }

    /// The end of the challenge with this id.
    package static func end(
        _ challenge: String, isAbandoned: Bool = false, at now: Timestamp = noon
    ) -> ChallengeEnd {
        ChallengeEnd(
            challenge: ChallengeID(challenge), isAbandoned: isAbandoned,
            audit: audit(.triesUsedUp, at: now))
    }

    /// The start of a sign-up of this address, with a mail.
    package static func signup(
        _ id: String, _ address: EmailAddress, at now: Timestamp = noon,
        _ change: (inout ChallengeStart) -> Void = { _ in }
    ) -> ChallengeStart {
        start(id, for: nil, at: now) { start in
            start.subject = "decoy:\(address)"
            start.signup = address
            start.mailKey = LimitKey("mails:\(address)")
            start.mail = OutboxItem(
                id: MailID("mail-\(id)"), challenge: ChallengeID(id), user: UserID(""),
                sealed: [1, 2, 3], createdAt: now, expiresAt: start.expiresAt)
            change(&start)
        }
    }

    /// The consumption of a sign-up: adds the user `id-ATTEMPT`, unless the address is taken.
    package static func consumption(
        _ challenge: String, _ attempt: String, newUser address: EmailAddress,
        at now: Timestamp = noon
    ) -> ChallengeConsumption {
        let user = User(id: UserID("id-\(attempt)"), email: address, createdAt: now)
        var consumption = consumption(challenge, attempt, user: user.id, at: now)
        consumption.newUser = user
        return consumption
    }

    /// A refresh token of `session-a` that was presented.
    package static func rotation(
        _ generation: Int, of session: String = "session-a", at now: Timestamp = noon
    ) -> RefreshRotation {
        RefreshRotation(
            session: SessionID(session), generation: generation, service: "sshd", now: now,
            grace: .seconds(30),
            audit: audit(.refreshReused, at: now))
    }
}
