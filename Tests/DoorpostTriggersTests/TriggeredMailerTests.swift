import DoorpostCore
import Synchronization
import Testing

@testable import DoorpostTriggers

@Suite("Mails that triggers write or send")
struct TriggeredMailerTests {
    private final class Relay: Mailer {
        let mails = Mutex<[MailMessage]>([])
        func deliver(_ message: MailMessage) -> MailReceipt {
            mails.withLock { $0.append(message) }
            return MailReceipt(answer: "250 taken")
        }
        func probe() throws(MailError) { throw MailError(.unreachable, "the relay was asked") }
        var sent: [MailMessage] { mails.withLock { $0 } }
    }

    private let workshop: Workshop
    private let relay = Relay()

    init() throws { workshop = try Workshop() }

    private func mail(_ code: String? = "48213907") throws -> MailMessage {
        MailMessage(
            to: try #require(EmailAddress("ann@example.org")), toName: nil, subject: "Our subject",
            text: "Our text", html: "<p>Our HTML", messageID: "1", date: 0,
            code: code.map { MailedCode(text: $0, occasion: .signIn, subject: .ann) })
    }

    private func mailer(_ points: TriggerPoint..., answering script: String) throws
        -> TriggeredMailer
    {
        let program = TriggerProgram(command: [try workshop.shell(script)])
        return TriggeredMailer(
            relay,
            workshop.triggers(Dictionary(uniqueKeysWithValues: points.map { ($0, program) })))
    }

    private func custom(_ response: String) throws -> MailMessage {
        let script = "cat > \(workshop.path)/event; cat <<'E'\n{\"response\":\(response)}\nE"
        let mailer = try mailer(.customMessage, answering: script)
        #expect(try mailer.deliver(mail()).answer == "250 taken")
        return try #require(relay.sent.last)
    }

    @Test("take the trigger's words around the code")
    func words() throws {
        let mail = try custom(
            ##"{"emailSubject":"Grüezi","emailMessage":"<html><head><title>T</title></head><body><p>Code: <b>{####}</b></p><p>Tom &amp; Ann<br>{####}</p>"}"##
        )
        #expect(mail.subject == "Grüezi")
        #expect(
            mail.html
                == "<html><head><title>T</title></head><body><p>Code: <b>48213907</b></p><p>Tom &amp; Ann<br>48213907</p>"
        )
        #expect(mail.text == "Code: 48213907\n\nTom & Ann\n48213907\n")
        #expect(mail.to.canonical == "ann@example.org")
        #expect(mail.messageID == "1")
    }

    @Test("show the trigger a mark, and not the code")
    func mark() throws {
        _ = try custom("{}")
        let event = try #require(workshop.text(of: "event"))
        #expect(event.contains(#""triggerSource":"CustomMessage_Authentication""#))
        #expect(event.contains(##""codeParameter":"{####}""##))
        #expect(!event.contains("48213907"))
    }

    @Test("keep our words where the trigger has none")
    func ours() throws {
        for response in [
            "{}", #"{"emailSubject":null,"emailMessage":null,"smsMessage":"x {####}"}"#,
        ] {
            #expect(try custom(response) == (try mail()))
        }
        let mail = try custom(#"{"emailSubject":"Mine"}"#)
        #expect(mail.subject == "Mine")
        #expect(mail.text == "Our text")
    }

    @Test(
        "are not sent in words that lack the code, or show it where it must not be",
        arguments: [
            ##"{"emailMessage":"no code"}"##, ##"{"emailMessage":""}"##, #"{"emailMessage":1}"#,
            ##"{"emailMessage":"{####}","emailSubject":"{####}"}"##,
            ##"{"emailMessage":"{####}","emailSubject":"a\r\nBcc: eve@example.org"}"##,
            ##"{"emailMessage":"{####}","emailSubject":"a\u2028b"}"##,
            ##"{"emailMessage":"{####}","emailSubject":""}"##,
            ##"{"emailSubject":"\##(String(repeating: "x", count: 141))"}"##,
            ##"{"emailMessage":"{####}\##(String(repeating: "x", count: 20_000))"}"##,
            ##"{"smsMessage":[]}"##, "null",
        ])
    func wrongWords(_ response: String) throws {
        let mailer = try mailer(
            .customMessage, answering: "cat >/dev/null; cat <<'E'\n{\"response\":\(response)}\nE")
        let error = #expect(throws: MailError.self) { try mailer.deliver(mail()) }
        #expect(error?.code == .temporary)
        #expect(error?.detail.hasPrefix("trigger custom_message answered wrongly: ") == true)
        #expect(relay.sent.isEmpty)
    }

    @Test("go to the program in the relay's place, with the code")
    func sender() throws {
        // Both set: it is the sender's, as at AWS. What it answers is of no interest.
        let mailer = try mailer(
            .customEmailSender, .customMessage,
            answering: "cat > \(workshop.path)/event; echo null")
        #expect(try mailer.deliver(mail()).answer == "handed to custom_email_sender")
        #expect(relay.sent.isEmpty)
        let event = try #require(workshop.text(of: "event"))
        #expect(event.contains(#""triggerSource":"CustomEmailSender_Authentication""#))
        #expect(event.contains(#""type":"customEmailSenderRequestV1""#))
        #expect(event.contains(#""code":"48213907""#))
        try mailer.probe()
    }

    @Test("that the program refuses are given up; that it fails at are tried again")
    func faults() throws {
        let refusing = try mailer(
            .customEmailSender,
            answering: #"echo '{"errorMessage":"bad address for 48213907"}'; exit 1"#)
        let refusal = #expect(throws: MailError.self) { try refusing.deliver(mail()) }
        #expect(refusal?.isTemporary == false)
        #expect(
            refusal?.detail == "trigger custom_email_sender refused: bad address for (code)")
        let dying = try mailer(.customEmailSender, answering: "kill -9 $$")
        let failure = #expect(throws: MailError.self) { try dying.deliver(mail()) }
        #expect(failure?.code == .temporary)
    }

    @Test("without a code go to the relay, as does a question whether it is there")
    func others() throws {
        let mailer = try mailer(.customMessage, answering: "exit 1")
        #expect(try mailer.deliver(mail(nil)).answer == "250 taken")
        #expect(throws: MailError(.unreachable, "")) { try mailer.probe() }
    }

    @Test("cannot be sent by a program that is not to be trusted")
    func distrusted() throws {
        let triggers = workshop.triggers(
            [.customEmailSender: TriggerProgram(command: ["/bin/true"])],
            distrust: { _ in "can be changed by others" })
        #expect(throws: MailError(.misconfigured, "")) {
            try TriggeredMailer(relay, triggers).probe()
        }
    }

    @Test(
        "say in plain text what their HTML says",
        arguments: [
            ("Your code is 1.\nBye < you & me", "Your code is 1.\nBye < you & me\n"),
            ("<p>a\n  b</p>\n<p>c</p>", "a b\n\nc\n"),
            ("<style>p{}</style><!-- <p>x --><div>a</div><div>b</div>", "a\n\nb\n"),
            ("<SCRIPT>1<2</SCRIPT>a&#65;&#x42;&nbsp;&lt;&bogus;&", "aAB <&bogus;&\n"),
            ("<table><tr><td>a</td><td>b</td></tr></table>", "a b\n"),
            ("<p title='x'>a<", "a<\n"), ("<p", "\n"),
        ])
    func plain(_ html: String, _ text: String) {
        #expect(PlainText.of(html) == text)
    }

    @Test("hold a code that can be typed, even if the HTML has it in a link alone")
    func link() throws {
        let mail = try custom(##"{"emailMessage":"<a href='https://x/?c={####}'>Sign in</a>"}"##)
        #expect(mail.text == "Sign in\n\n48213907\n")
    }
}
