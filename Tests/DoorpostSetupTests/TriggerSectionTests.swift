import DoorpostCore
import DoorpostSetup
import DoorpostTriggers
import Testing

@Suite("triggers:")
struct TriggerSectionTests {
    @Test("says what runs where")
    func values() throws {
        let triggers = try parse(
            """
            triggers:
              define_auth_challenge: triggers/define
              create_auth_challenge:
                command: [/usr/bin/node, create.js]
                environment: { MAIL_FROM: login@example.org, DEPTH: 3 }
                runners: 2
              verify_auth_challenge_response: { command: verify }
              pre_token_generation: { command: [/x/tokens], version: 2 }
            """
        ).triggers
        #expect(
            triggers.programs == [
                .defineAuthChallenge: TriggerProgram(command: ["/etc/doorpost/triggers/define"]),
                .createAuthChallenge: TriggerProgram(
                    command: ["/usr/bin/node", "create.js"],
                    environment: ["MAIL_FROM": "login@example.org", "DEPTH": "3"], runners: 2),
                .verifyAuthChallengeResponse: TriggerProgram(command: ["/etc/doorpost/verify"]),
                .preTokenGeneration: TriggerProgram(command: ["/x/tokens"]),
            ])
        #expect(triggers.tokenVersion == 2)
    }

    @Test("is not there by default, and then nothing is asked")
    func none() throws {
        let configuration = try parse()
        #expect(configuration.triggers == .none)
        #expect(configuration.makeTriggers(log: { _ in }) == nil)
        #expect(configuration.triggerEntries().isEmpty)
        #expect(try parse("triggers: {}").triggers == .none)
    }

    @Test("makes what the flow asks")
    func made() throws {
        let triggers = try parse("triggers: { pre_sign_up: /bin/true, custom_message: /bin/true }")
            .makeTriggers(log: { _ in })
        #expect(triggers?.points == [.preSignUp, .customMessage])
    }

    @Test("stands between us and the relay where it says what mails are, and only there")
    func mailer() throws {
        func isAsked(_ text: String) throws -> Bool {
            let configuration = try parse("triggers: { \(text) }")
            return try configuration.makeMailer(
                triggers: configuration.makeTriggers(log: { _ in })) is TriggeredMailer
        }
        #expect(try isAsked("custom_message: /bin/true"))
        #expect(try isAsked("custom_email_sender: /bin/true"))
        #expect(try !isAsked("pre_sign_up: /bin/true"))
    }

    @Test("with a program that would not be started is a mistake, and names it")
    func check() throws {
        try parse("triggers: { pre_sign_up: /bin/sh }").checkTriggers()
        let configuration = try parse("triggers: { pre_sign_up: /none, custom_message: /bin/sh }")
        let error = #expect(throws: ConfigurationError.self) { try configuration.checkTriggers() }
        #expect(
            error?.lines == [
                "/etc/doorpost/doorpost.yaml: triggers.pre_sign_up: /none: program is not there"
            ])
    }

    @Test("whose program is not to be trusted fails, and starts nothing")
    func distrusted() async throws {
        let triggers = try #require(
            try parse("triggers: { pre_sign_up: /none }").makeTriggers(log: { _ in }))
        let subject = TriggerSubject(userName: "a@example.org", client: "x")
        let error = await #expect(throws: TriggerError.self) {
            try await triggers.preSignUp(subject, by: .signUp, validationData: [:])
        }
        #expect(error == TriggerError(.preSignUp, .failed, "/none: program is not there"))
    }
}
