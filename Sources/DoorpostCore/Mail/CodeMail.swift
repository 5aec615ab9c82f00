/// The mail that carries a code. Its words are fixed: nothing in it was chosen by whoever asked
/// for the code but the source, which is escaped.
struct CodeMail {
    var code: String
    var context: SignInContext
    var lifetime: Span

    /// Who is greeted by no address (a decoy) gets a mail of the same shape, which is not sent.
    func message(to address: EmailAddress?, name: String?, id: MailID, at now: Timestamp)
        -> MailMessage
    {
        MailMessage(
            to: address ?? Self.nobody, toName: name,
            subject: "Sign-in code for \(context.host)", text: text(at: now), html: html(at: now),
            messageID: id.text, date: now.seconds)
    }

    private func html(at now: Timestamp) -> String {
        CodeMailHTML(
            code: code, service: context.service, host: context.host, source: origin,
            askedAt: UTCTime(now).minuteText, expiresAt: UTCTime(now + lifetime).minuteText
        ).html()
    }

    private func text(at now: Timestamp) -> String {
        """
        Your sign-in code:

            \(code)

        It is for \(context.service) on \(context.host), asked for
        from:    \(origin)
        at:      \(UTCTime(now).minuteText) UTC
        expires: \(UTCTime(now + lifetime).minuteText) UTC, or once it is used

        Never give this code to anyone: nobody who helps you needs it.
        If you did not ask for it, somebody typed your name or address. Without
        the code they cannot get in; tell your administrator if it goes on.

        """
    }

    private var origin: String {
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
