import DoorpostCore

/// An event as AWS Lambda hands it to a handler.
struct TriggerEvent: Sendable {
    var version = "1"
    var pool: String
    /// `CreateAuthChallenge_Authentication`.
    var source: String
    var subject: TriggerSubject
    var request: JSONValue
    /// What AWS puts where the answer goes: the members, null or empty.
    var response: JSONValue

    /// The event as one line, without the line's end.
    var line: String {
        let event: JSONValue = [
            "version": .string(version), "region": .string(region), "userPoolId": .string(pool),
            "userName": .string(subject.userName),
            "callerContext": [
                "awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": .string(subject.client),
            ],
            "triggerSource": .string(source), "request": request, "response": response,
        ]
        return event.line
    }

    /// A pool's id is `REGION_NAME`.
    private var region: String {
        pool.lastIndex(of: "_").map { String(pool[..<$0]) } ?? pool
    }
}

/// The requests of the events.
struct TriggerEvents: Sendable {
    var pool: String
    /// Of the events and answers of ``TriggerPoint/preTokenGeneration``: 1 or 2.
    var tokenVersion: Int

    func define(_ subject: TriggerSubject, rounds: [AnsweredRound]) -> TriggerEvent {
        event(
            "DefineAuthChallenge_Authentication", subject,
            request(subject, [("session", session(rounds))], namesUnknown: true),
            ["challengeName": .null, "issueTokens": .null, "failAuthentication": .null])
    }

    func create(_ subject: TriggerSubject, name: String, rounds: [AnsweredRound]) -> TriggerEvent {
        event(
            "CreateAuthChallenge_Authentication", subject,
            request(
                subject, [("challengeName", .string(name)), ("session", session(rounds))],
                namesUnknown: true),
            [
                "publicChallengeParameters": .null, "privateChallengeParameters": .null,
                "challengeMetadata": .null,
            ])
    }

    func verify(_ subject: TriggerSubject, answer: String, parameters: [String: String])
        -> TriggerEvent
    {
        event(
            "VerifyAuthChallengeResponse_Authentication", subject,
            request(
                subject,
                [
                    ("privateChallengeParameters", .texts(parameters)),
                    ("challengeAnswer", .string(answer)),
                ], namesUnknown: true),
            ["answerCorrect": .null])
    }

    func preSignUp(
        _ subject: TriggerSubject, by way: SignUpWay, validationData: [String: String]
    ) -> TriggerEvent {
        let data: JSONValue = validationData.isEmpty ? .null : .texts(validationData)
        return event(
            way.rawValue, subject, request(subject, [("validationData", data)]),
            [
                "autoConfirmUser": .bool(false), "autoVerifyEmail": .bool(false),
                "autoVerifyPhone": .bool(false),
            ])
    }

    func postConfirmation(_ subject: TriggerSubject) -> TriggerEvent {
        event("PostConfirmation_ConfirmSignUp", subject, request(subject), [:])
    }

    /// The subject's metadata are the `validationData` of this event, and no other's.
    func preAuthentication(_ subject: TriggerSubject) -> TriggerEvent {
        var silent = subject
        silent.metadata = [:]
        return event(
            "PreAuthentication_Authentication", subject,
            request(
                silent, [("validationData", .texts(subject.metadata))], namesUnknown: true), [:])
    }

    /// No devices are remembered here, so none is new.
    func postAuthentication(_ subject: TriggerSubject) -> TriggerEvent {
        event(
            "PostAuthentication_Authentication", subject,
            request(subject, [("newDeviceUsed", .bool(false))]), [:])
    }

    func tokens(
        of subject: TriggerSubject, on occasion: TokenOccasion, groups: [String], scopes: [String]
    ) -> TriggerEvent {
        let configuration: JSONValue = [
            "groupsToOverride": .texts(groups), "iamRolesToOverride": .list([]),
            "preferredRole": .null,
        ]
        guard tokenVersion == 2 else {
            return event(
                occasion.rawValue, subject,
                request(subject, [("groupConfiguration", configuration)]),
                ["claimsOverrideDetails": .null])
        }
        var event = event(
            occasion.rawValue, subject,
            request(
                subject, [("groupConfiguration", configuration), ("scopes", .texts(scopes))]),
            ["claimsAndScopeOverrideDetails": .null])
        event.version = "2"
        return event
    }

    func customMessage(_ mail: MailedCode) -> TriggerEvent {
        event(
            "CustomMessage_\(mail.occasion.rawValue)", mail.subject,
            request(
                mail.subject,
                [
                    ("codeParameter", .string(CustomMessage.codeMark)),
                    ("usernameParameter", .null),
                ]),
            ["smsMessage": .null, "emailMessage": .null, "emailSubject": .null])
    }

    /// AWS encrypts the code for the handler with a key of its own service; here it goes through
    /// a pipe to a program of the administrator's, in clear.
    func customEmailSender(_ mail: MailedCode) -> TriggerEvent {
        event(
            "CustomEmailSender_\(mail.occasion.rawValue)", mail.subject,
            request(
                mail.subject,
                [("type", "customEmailSenderRequestV1"), ("code", .string(mail.text))]),
            [:])
    }

    private func event(
        _ source: String, _ subject: TriggerSubject, _ request: JSONValue, _ response: JSONValue
    ) -> TriggerEvent {
        TriggerEvent(
            pool: pool, source: source, subject: subject, request: request, response: response)
    }

    /// - Parameter namesUnknown: whether AWS tells this trigger that nobody is meant.
    private func request(
        _ subject: TriggerSubject, _ own: [(String, JSONValue)] = [], namesUnknown: Bool = false
    ) -> JSONValue {
        var members = [("userAttributes", JSONValue.texts(subject.attributes))] + own
        if !subject.metadata.isEmpty {
            members.append(("clientMetadata", .texts(subject.metadata)))
        }
        if namesUnknown, subject.isUnknown { members.append(("userNotFound", .bool(true))) }
        return .object(Dictionary(members, uniquingKeysWith: { $1 }))
    }

    private func session(_ rounds: [AnsweredRound]) -> JSONValue {
        .list(
            rounds.map { round in
                [
                    "challengeName": .string(round.name), "challengeResult": .bool(round.isRight),
                    "challengeMetadata": .optional(round.metadata),
                ]
            })
    }
}
