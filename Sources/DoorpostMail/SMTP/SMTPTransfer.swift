internal import CCurl
import DoorpostCore

/// One conversation with a relay: one libcurl handle, set up, run once, closed.
///
/// Not Sendable: it lives inside one call of the mailer.
final class SMTPTransfer {
    private let settings: SMTPSettings
    private let dialogue: SMTPDialogue
    /// Text of which no part may show in an error or receipt, even if the relay repeats it.
    private let secret: String
    private let handle: UnsafeMutableRawPointer
    private let failure: UnsafeMutablePointer<CChar>
    private var recipients: UnsafeMutablePointer<curl_slist>?

    init(_ settings: SMTPSettings, upload: [UInt8], secret: String) throws(MailError) {
        try SMTPMailer.warmUp()
        guard let handle = doorpost_curl_open() else {
            throw MailError(.temporary, "libcurl is out of memory")
        }
        self.settings = settings
        self.secret = secret
        self.handle = handle
        dialogue = SMTPDialogue(upload: upload)
        failure = .allocate(capacity: Int(CURL_ERROR_SIZE))
        failure.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        try configure()
    }

    deinit {
        // The handle first: it points to all the others.
        doorpost_curl_close(handle)
        doorpost_curl_list_free(recipients)
        failure.deallocate()
    }

    /// Makes it a delivery: one sender, one recipient, then the mail.
    ///
    /// Takes text and checks it again, though both come from checked addresses: this is the
    /// last line before the wire, where a CR LF would be a command of its own.
    func name(sender: String, recipient: String) throws(MailError) {
        for address in [sender, recipient] where EmailAddress(address)?.canonical != address {
            throw MailError(.invalidMessage, "an address is not a plain user@domain")
        }
        guard let list = doorpost_curl_list_append(nil, recipient) else {
            throw MailError(.temporary, "libcurl is out of memory")
        }
        recipients = list
        try set(CURLOPT_MAIL_FROM, sender)
        try check(doorpost_curl_set_list(handle, CURLOPT_MAIL_RCPT, list))
        try set(CURLOPT_UPLOAD, 1)
    }

    /// Makes it a probe: after greeting and signing in only NOOP, then QUIT.
    func onlyGreet() throws(MailError) {
        try set(CURLOPT_CUSTOMREQUEST, "NOOP")
        try set(CURLOPT_NOBODY, 1)
    }

    /// Talks to the relay and returns its last answer.
    func run() throws(MailError) -> String {
        let result = doorpost_curl_perform(handle)
        let reply = doorpost_curl_response_code(handle)
        let answer = RelayText.clean(dialogue.lastAnswer, hiding: secret)
        guard result == CURLE_OK else {
            let code = SMTPFailure.code(result, reply: reply)
            throw MailError(code, detail(code, result, answer))
        }
        return answer
    }

    private func detail(_ code: MailError.Code, _ result: CURLcode, _ answer: String) -> String {
        let own = RelayText.clean(String(cString: failure), hiding: secret)
        let what = own.isEmpty ? String(cString: doorpost_curl_message(result)) : own
        // A relay that dislikes AUTH may repeat it, password and all.
        let said = code == .authentication ? RelayText.withoutLongWords(answer) : answer
        return "\(settings.relay): \(what)"
            + (said.isEmpty ? "" : "; its last answer: \(said)")
            + (dialogue.isSent ? "; it had the whole mail and may have taken it" : "")
    }

    private func configure() throws(MailError) {
        try set(CURLOPT_URL, settings.url)
        try check(doorpost_curl_set_error_buffer(handle, failure))
        let context = Unmanaged.passUnretained(dialogue).toOpaque()
        try check(doorpost_curl_set_reader(handle, readUpload, context))
        try check(doorpost_curl_set_answer_receiver(handle, noteAnswer, context))
        try set(CURLOPT_CRLF, 1)
        try set(CURLOPT_CONNECTTIMEOUT_MS, Int(settings.connectTimeout.milliseconds))
        try set(CURLOPT_TIMEOUT_MS, Int(settings.totalTimeout.milliseconds))
        // After a refusal libcurl waits for the answer to QUIT, and heeds only this one there.
        try set(CURLOPT_SERVER_RESPONSE_TIMEOUT, Int(settings.totalTimeout.wholeSeconds))
        // Not waiting for a name server that is silent: its thread is left to end by itself.
        try set(CURLOPT_QUICK_EXIT, 1)
        try isolate()
        try secure()
        try signIn()
    }

    /// Nothing but the configuration says where the mail goes: no environment, no file.
    private func isolate() throws(MailError) {
        try set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        try set(CURLOPT_REDIR_PROTOCOLS_STR, "smtp,smtps")
        try set(CURLOPT_FOLLOWLOCATION, 0)
        try set(CURLOPT_PROXY, "")
        try set(CURLOPT_NOPROXY, "*")
        try set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        try set(CURLOPT_VERBOSE, 0)
    }

    private func secure() throws(MailError) {
        let level =
            switch settings.encryption {
            case .implicit, .startTLS: CURLUSESSL_ALL
            case .startTLSIfOffered: CURLUSESSL_TRY
            case .none: CURLUSESSL_NONE
            }
        try set(CURLOPT_USE_SSL, Int(level.rawValue))
        try set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        try set(CURLOPT_SSL_VERIFYPEER, settings.verifies ? 1 : 0)
        try set(CURLOPT_SSL_VERIFYHOST, settings.verifies ? 2 : 0)
        // What is not named here is not trusted: no second authority beside a ca_file.
        let trust = TrustAnchors(settings)
        if trust.isSystemDefault { return }
        try check(doorpost_curl_set_string(handle, CURLOPT_CAINFO, trust.file))
        try check(doorpost_curl_set_string(handle, CURLOPT_CAPATH, trust.directory))
    }

    private func signIn() throws(MailError) {
        guard let credentials = settings.credentials else { return }
        try set(CURLOPT_USERNAME, credentials.username)
        try set(CURLOPT_PASSWORD, credentials.password.revealed)
        // Left to itself libcurl would prefer Kerberos, NTLM or MD5 where a relay offers them.
        try set(CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN")
        try set(CURLOPT_SASL_IR, 1)
    }

    /// The one place where text goes to libcurl: what could end a line never does.
    private func set(_ option: CURLoption, _ value: String) throws(MailError) {
        guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
            throw MailError(.misconfigured, "a mail setting holds a control character")
        }
        try check(doorpost_curl_set_string(handle, option, value))
    }

    private func set(_ option: CURLoption, _ value: Int) throws(MailError) {
        try check(doorpost_curl_set_long(handle, option, value))
    }

    /// Any option that is not taken ends the transfer: some of them carry its security.
    private func check(_ code: CURLcode) throws(MailError) {
        guard code == CURLE_OK else {
            throw MailError(
                SMTPFailure.code(code, reply: 0),
                "libcurl \(String(cString: doorpost_curl_version())) refused a setting: "
                    + String(cString: doorpost_curl_message(code)))
        }
    }
}

// SAFETY (both): `context` is the dialogue of the transfer that owns the handle, which outlives
// it; `bytes` holds size × count bytes for the time of the call.

private func readUpload(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let context else { return Int(CURL_READFUNC_ABORT) }
    let dialogue = Unmanaged<SMTPDialogue>.fromOpaque(context).takeUnretainedValue()
    return dialogue.read(into: UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
}

private func noteAnswer(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let context else { return 0 }
    let dialogue = Unmanaged<SMTPDialogue>.fromOpaque(context).takeUnretainedValue()
    dialogue.note(UnsafeRawBufferPointer(start: bytes, count: size * count))
    return size * count
}
