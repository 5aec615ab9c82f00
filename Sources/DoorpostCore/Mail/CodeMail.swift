/// What the mail that carries a code says. Its words are fixed: nothing in it was chosen by whoever
/// asked for the code but the source, which is escaped.
///
/// The outbox keeps this, sealed, and not the mail: a tenth of its size.
struct CodeMail: Hashable, Sendable, Codable {
    /// The mail's own (``MailID``).
    var id: String
    var to: EmailAddress
    var toName: String?
    /// The id of the user; nil in a sign-up.
    var user: String?
    /// The Linux login name.
    var login: String?
    /// The code makes somebody a user.
    var isSignUp: Bool?
    var code: String
    var service: String
    var host: String
    var origin: String
    /// Seconds since 1970.
    var askedAt: Int64
    /// Seconds since 1970.
    var expiresAt: Int64

    /// Who is greeted by no address (a decoy) gets a mail of the same shape, which is not sent.
    init(
        _ id: MailID, to address: EmailAddress?, user: User?, code: String,
        context: SignInContext, at now: Timestamp, lifetime: Span
    ) {
        self.id = id.text
        to = address ?? Self.nobody
        toName = user?.name
        self.user = user?.id.text
        login = user?.login?.name
        isSignUp = context.act == .signUp ? true : nil
        self.code = code
        service = context.service
        host = context.host
        origin = Self.origin(context)
        askedAt = now.seconds
        expiresAt = (now + lifetime).seconds
    }

    /// The mail, in words; the same at every try.
    var message: MailMessage {
        MailMessage(
            to: to, toName: toName, subject: "Sign-in code for \(host)", text: text,
            html: CodeMailHTML(
                code: code, service: service, host: host, source: origin,
                askedAt: time(askedAt), expiresAt: time(expiresAt)
            ).html(),
            messageID: id, date: askedAt,
            code: MailedCode(
                text: code, occasion: isSignUp == true ? .signUp : .signIn, subject: subject))
    }

    private var subject: TriggerSubject {
        TriggerSubject(
            userName: to.canonical,
            attributes: TriggerSubject.attributes(email: to, id: user, name: toName, login: login),
            client: service)
    }

    private var text: String {
        """
        Your sign-in code:

            \(code)

        It is for \(service) on \(host), asked for
        from:    \(origin)
        at:      \(time(askedAt)) UTC
        expires: \(time(expiresAt)) UTC, or once it is used

        Never give this code to anyone: nobody who helps you needs it.
        If you did not ask for it, somebody typed your name or address. Without
        the code they cannot get in; tell your administrator if it goes on.

        """
    }

    private func time(_ seconds: Int64) -> String {
        UTCTime(Timestamp(seconds: seconds)).minuteText
    }

    private static func origin(_ context: SignInContext) -> String {
        if !context.source.text.isEmpty { return context.source.text }
        return "the machine itself (\(context.tty.isEmpty ? "no terminal" : context.tty))"
    }

    private static let nobody: EmailAddress = {
        guard let address = EmailAddress("nobody@invalid.example") else {
            preconditionFailure("a constant address is valid")
        }
        return address
    }()
}

extension CodeMail: CustomStringConvertible, CustomDebugStringConvertible {
    var description: String { "CodeMail(\(id), redacted)" }
    var debugDescription: String { description }
}
