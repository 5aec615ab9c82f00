internal import CCurl
import DoorpostCore
import DoorpostCurl

/// A connection to a relay, in a libcurl handle of its own: opened by the first errand that is run
/// on it, used again by the next, closed when this is let go.
///
/// Of one errand nothing is left for the next: neither envelope nor text nor answers.
final class SMTPConnection {
    private let settings: SMTPSettings
    private let handle: UnsafeMutableRawPointer
    private let failure: UnsafeMutablePointer<CChar>
    private var dialogue: SMTPDialogue?
    private var recipients: UnsafeMutablePointer<curl_slist>?
    /// Whether the last errand failed because the relay had given up the connection since the one
    /// before: it answered nothing to us, or only goodbye (421), so it has nothing of the mail.
    private(set) var wasFoundDead = false

    init(_ settings: SMTPSettings) throws(MailError) {
        try SMTPMailer.warmUp()
        guard let handle = doorpost_curl_open() else {
            throw MailError(.temporary, "libcurl is out of memory")
        }
        self.settings = settings
        self.handle = handle
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

    /// Talks to the relay and returns its last answer. After a failure no further errand may be
    /// run.
    func run(_ errand: SMTPErrand, until deadline: ContinuousClock.Instant) throws(MailError)
        -> String
    {
        defer { forget() }
        let dialogue = SMTPDialogue(upload: errand.upload)
        self.dialogue = dialogue
        try begin(errand, dialogue, until: deadline)
        let result = doorpost_curl_perform(handle)
        let reply = doorpost_curl_response_code(handle)
        let answer = RelayText.clean(dialogue.lastAnswer, hiding: errand.secret)
        guard result == CURLE_OK else {
            wasFoundDead =
                doorpost_curl_new_connections(handle) == 0 && result != CURLE_OPERATION_TIMEDOUT
                && (dialogue.answers == 0 || dialogue.answers == 1 && reply == 421)
            let code = SMTPFailure.code(result, reply: reply)
            throw MailError(code, detail(code, result, answer, errand.secret))
        }
        return answer
    }

    private func begin(
        _ errand: SMTPErrand, _ dialogue: SMTPDialogue, until deadline: ContinuousClock.Instant
    ) throws(MailError) {
        let context = Unmanaged.passUnretained(dialogue).toOpaque()
        try check(doorpost_curl_set_reader(handle, readUpload, context))
        try check(doorpost_curl_set_answer_receiver(handle, noteAnswer, context))
        // 0 would be no time-out at all.
        let left = max(1, (deadline - .now) / .milliseconds(1))
        try set(CURLOPT_TIMEOUT_MS, Int(left))
        if let envelope = errand.envelope {
            try name(sender: envelope.sender, recipient: envelope.recipient)
        } else {
            try onlyGreet()
        }
    }

    /// Makes it a delivery: one sender, one recipient, then the mail.
    ///
    /// Takes text and checks it again, though both come from checked addresses: this is the
    /// last line before the wire, where a CR LF would be a command of its own.
    private func name(sender: String, recipient: String) throws(MailError) {
        for address in [sender, recipient] where EmailAddress(address)?.canonical != address {
            throw MailError(.invalidMessage, "an address is not a plain user@domain")
        }
        guard let list = doorpost_curl_list_append(nil, recipient) else {
            throw MailError(.temporary, "libcurl is out of memory")
        }
        recipients = list
        try set(CURLOPT_MAIL_FROM, sender)
        try check(doorpost_curl_set_list(handle, CURLOPT_MAIL_RCPT, list))
        try check(doorpost_curl_set_string(handle, CURLOPT_CUSTOMREQUEST, nil))
        try set(CURLOPT_NOBODY, 0)
        try set(CURLOPT_UPLOAD, 1)
    }

    /// Makes it a probe: after greeting and signing in only NOOP.
    private func onlyGreet() throws(MailError) {
        try set(CURLOPT_UPLOAD, 0)
        try set(CURLOPT_CUSTOMREQUEST, "NOOP")
        try set(CURLOPT_NOBODY, 1)
    }

    /// Takes back all that belongs to one errand.
    private func forget() {
        _ = doorpost_curl_set_reader(handle, readUpload, nil)
        _ = doorpost_curl_set_answer_receiver(handle, noteAnswer, nil)
        _ = doorpost_curl_set_list(handle, CURLOPT_MAIL_RCPT, nil)
        _ = doorpost_curl_set_string(handle, CURLOPT_MAIL_FROM, nil)
        doorpost_curl_list_free(recipients)
        recipients = nil
        dialogue = nil
        failure.update(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    private func detail(
        _ code: MailError.Code, _ result: CURLcode, _ answer: String, _ secret: String
    ) -> String {
        let own = RelayText.clean(String(cString: failure), hiding: secret)
        let what = own.isEmpty ? String(cString: doorpost_curl_message(result)) : own
        // A relay that dislikes AUTH may repeat it, password and all.
        let said = code == .authentication ? RelayText.withoutLongWords(answer) : answer
        return "\(settings.relay): \(what)"
            + (said.isEmpty ? "" : "; its last answer: \(said)")
            + (dialogue?.isSent == true ? "; it had the whole mail and may have taken it" : "")
    }

    private func configure() throws(MailError) {
        try set(CURLOPT_URL, settings.url)
        try check(doorpost_curl_set_error_buffer(handle, failure))
        try set(CURLOPT_CRLF, 1)
        try set(CURLOPT_CONNECTTIMEOUT_MS, Int(settings.connectTimeout.milliseconds))
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
        let trust = TrustAnchors(caFile: settings.caFile, verifies: settings.verifies)
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

// SAFETY: a libcurl handle may be used by any thread, by one at a time. A connection is in one place
// only: the pool, or with the one caller that took it from there or made it.
extension SMTPConnection: @unchecked Sendable {}

// SAFETY (both): `context` is the dialogue of the errand that runs, which the connection holds
// until it has taken the pointer back; `bytes` holds size × count bytes for the time of the call.

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
    // Between errands there is nobody to tell.
    guard let context else { return size * count }
    let dialogue = Unmanaged<SMTPDialogue>.fromOpaque(context).takeUnretainedValue()
    dialogue.note(UnsafeRawBufferPointer(start: bytes, count: size * count))
    return size * count
}
