import DoorpostCore
import HTTPTypes

extension HTTPDoorParts {
    /// Who signs in to what, for the flow: a code mailed for the web is good on the web.
    func context(of call: Call) -> SignInContext {
        SignInContext(door: .web, service: "web", host: settings.host, source: call.source)
    }
}

/// The answer to `initiate` and `resend`. Every member is always there.
struct ChallengeAnswer: Encodable {
    var session: String
    var code_length: Int
    var code_alphabet: String
    var expires_in: Int64
    var resend_in: Int64
    /// What a trigger has to say to the person's program.
    var challenge_parameters: [String: String]?

    init(
        _ live: LiveChallenge, _ handle: String, _ flow: Flow, asked: TriggerQuestion? = nil
    ) {
        challenge_parameters = asked?.parameters
        let now = flow.clock.now
        session = handle
        code_length = flow.policy.code.length
        code_alphabet = flow.policy.code.alphabet.rawValue
        // Rounded down, so that nobody is promised a second that is not there.
        expires_in = max((live.expiresAt - now).milliseconds / 1000, 0)
        resend_in = max((live.mailedAt + flow.policy.code.resendAfter - now).wholeSeconds, 0)
    }
}

extension Answer {
    /// Encoding our own flat structures cannot fail; if it does, it is our fault.
    static func ofOurs(_ value: some Encodable, headers: HTTPFields = [:]) throws(APIError)
        -> Answer
    {
        do {
            return try json(value, headers: headers)
        } catch {
            throw .internal("an answer could not be encoded: \(error)")
        }
    }
}
