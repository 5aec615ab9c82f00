import DoorpostCore
import Testing

@testable import DoorpostTriggers

/// Against the shapes of references/web.md §2d, member by member.
@Suite("Events")
struct EventTests {
    private let events = TriggerEvents(pool: "eu-central-1_Door", tokenVersion: 1)
    private let rounds = [
        AnsweredRound(name: "CUSTOM_CHALLENGE", isRight: false, metadata: "CODE-1"),
        AnsweredRound(name: "CUSTOM_CHALLENGE", isRight: true),
    ]

    private func expect(
        _ event: TriggerEvent, version: String = "1", _ source: String, request: String,
        response: String, user: String = "ann@example.org",
        _ location: SourceLocation = #_sourceLocation
    ) {
        let expected =
            #"{"version":"\#(version)","region":"eu-central-1","userPoolId":"eu-central-1_Door","#
            + #""userName":"\#(user)","callerContext":{"awsSdkVersion":"aws-sdk-unknown-unknown","#
            + #""clientId":"shop"},"triggerSource":"\#(source)","request":\#(request),"#
            + #""response":\#(response)}"#
        #expect(Self.read(event.line) == Self.read(expected), sourceLocation: location)
    }

    private static func read(_ text: String) -> JSONValue? { try? JSONReader.value(text.utf8) }

    private let attributes = #""userAttributes":{"email":"ann@example.org","sub":"1234"}"#
    private let metadata = #""clientMetadata":{"colour":"blue"}"#
    private let session =
        #""session":[{"challengeName":"CUSTOM_CHALLENGE","challengeResult":false,"#
        + #""challengeMetadata":"CODE-1"},{"challengeName":"CUSTOM_CHALLENGE","#
        + #""challengeResult":true,"challengeMetadata":null}]"#

    @Test("of the three decisions")
    func challenge() {
        expect(
            events.define(.ann, rounds: rounds), "DefineAuthChallenge_Authentication",
            request: "{\(attributes),\(session),\(metadata)}",
            response: #"{"challengeName":null,"issueTokens":null,"failAuthentication":null}"#)
        expect(
            events.create(.ann, name: "CUSTOM_CHALLENGE", rounds: rounds),
            "CreateAuthChallenge_Authentication",
            request:
                #"{\#(attributes),"challengeName":"CUSTOM_CHALLENGE",\#(session),\#(metadata)}"#,
            response:
                #"{"publicChallengeParameters":null,"privateChallengeParameters":null,"challengeMetadata":null}"#
        )
        expect(
            events.verify(.ann, answer: "1\n2", parameters: ["secretLoginCode": "12"]),
            "VerifyAuthChallengeResponse_Authentication",
            request:
                #"{\#(attributes),"privateChallengeParameters":{"secretLoginCode":"12"},"challengeAnswer":"1\u000a2",\#(metadata)}"#,
            response: #"{"answerCorrect":null}"#)
    }

    @Test("say where AWS says it that nobody is meant")
    func unknown() {
        for event in [
            events.define(.nobody, rounds: []),
            events.create(.nobody, name: "CUSTOM_CHALLENGE", rounds: []),
            events.verify(.nobody, answer: "", parameters: [:]), events.preAuthentication(.nobody),
        ] {
            #expect(event.request["userNotFound"] == .bool(true))
            #expect(event.request["userAttributes"] == .object([:]))
            #expect(event.subject.userName == "x@example.org")
        }
        for event in [
            events.preSignUp(.nobody, by: .signUp, validationData: [:]),
            events.postConfirmation(.nobody), events.postAuthentication(.nobody),
            events.tokens(of: .nobody, on: .signIn, groups: [], scopes: []),
            events.define(.ann, rounds: []),
        ] {
            #expect(event.request["userNotFound"] == nil)
        }
    }

    @Test("of signing up and in")
    func accounts() {
        let flags =
            #"{"autoConfirmUser":false,"autoVerifyEmail":false,"autoVerifyPhone":false}"#
        expect(
            events.preSignUp(.ann, by: .signUp, validationData: [:]), "PreSignUp_SignUp",
            request: #"{\#(attributes),"validationData":null,\#(metadata)}"#, response: flags)
        expect(
            events.preSignUp(.ann, by: .administrator, validationData: ["a": "b"]),
            "PreSignUp_AdminCreateUser",
            request: #"{\#(attributes),"validationData":{"a":"b"},\#(metadata)}"#, response: flags)
        expect(
            events.postConfirmation(.ann), "PostConfirmation_ConfirmSignUp",
            request: "{\(attributes),\(metadata)}", response: "{}")
        expect(
            events.preAuthentication(.ann), "PreAuthentication_Authentication",
            request: #"{\#(attributes),"validationData":{"colour":"blue"}}"#, response: "{}")
        expect(
            events.postAuthentication(.ann), "PostAuthentication_Authentication",
            request: #"{\#(attributes),"newDeviceUsed":false,\#(metadata)}"#, response: "{}")
    }

    @Test("of tokens, in both versions")
    func tokens() {
        let groups =
            #""groupConfiguration":{"groupsToOverride":["staff"],"iamRolesToOverride":[],"preferredRole":null}"#
        expect(
            events.tokens(of: .ann, on: .signIn, groups: ["staff"], scopes: ["a"]),
            "TokenGeneration_Authentication", request: "{\(attributes),\(groups),\(metadata)}",
            response: #"{"claimsOverrideDetails":null}"#)
        let second = TriggerEvents(pool: "eu-central-1_Door", tokenVersion: 2)
        expect(
            second.tokens(of: .ann, on: .refresh, groups: ["staff"], scopes: ["a"]), version: "2",
            "TokenGeneration_RefreshTokens",
            request: #"{\#(attributes),\#(groups),"scopes":["a"],\#(metadata)}"#,
            response: #"{"claimsAndScopeOverrideDetails":null}"#)
    }

    @Test("of mails: only the sender's has the code")
    func mails() {
        let mail = MailedCode(text: "48213907", occasion: .resend, subject: .ann)
        expect(
            events.customMessage(mail), "CustomMessage_ResendCode",
            request:
                ##"{\##(attributes),"codeParameter":"{####}","usernameParameter":null,\##(metadata)}"##,
            response: #"{"smsMessage":null,"emailMessage":null,"emailSubject":null}"#)
        #expect(!events.customMessage(mail).line.contains("48213907"))
        expect(
            events.customEmailSender(mail), "CustomEmailSender_ResendCode",
            request:
                #"{\#(attributes),"type":"customEmailSenderRequestV1","code":"48213907",\#(metadata)}"#,
            response: "{}")
    }

    @Test("are one line, whatever is in them")
    func oneLine() {
        var subject = TriggerSubject.ann
        subject.metadata = ["\u{2028}\n\"\\\u{0}": "\r\u{7f}\u{85}ä😀"]
        let line = events.postConfirmation(subject).line
        #expect(line.contains(#"{"\u2028\n\"\\\u0000":"\r\u007f\u0085ä😀"}"#))
    }
}
