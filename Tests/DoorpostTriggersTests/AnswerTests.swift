import DoorpostCore
import Testing

@testable import DoorpostTriggers

@Suite("Answers")
struct AnswerTests {
    private func response(_ text: String) throws -> TriggerResponse {
        try TriggerResponse(try JSONReader.value(Array(#"{"response":\#(text)}"#.utf8)))
    }

    @Test(
        "of DefineAuthChallenge",
        arguments: [
            (
                #"{"challengeName":"CUSTOM_CHALLENGE","issueTokens":false,"failAuthentication":false}"#,
                NextStep.ask("CUSTOM_CHALLENGE")
            ),
            (#"{"challengeName":"CUSTOM_CHALLENGE"}"#, .ask("CUSTOM_CHALLENGE")),
            (#"{"challengeName":null,"issueTokens":true,"failAuthentication":null}"#, .issueTokens),
            (#"{"challengeName":"X","issueTokens":true}"#, .issueTokens),
            (#"{"issueTokens":true,"failAuthentication":true}"#, .fail),
            (#"{"failAuthentication":true,"unknown":[1,{}]}"#, .fail),
        ])
    func define(_ text: String, _ step: NextStep) throws {
        #expect(try TriggerAnswers.define(try response(text)) == step)
    }

    @Test(
        "of DefineAuthChallenge that are none",
        arguments: [
            "{}", #"{"challengeName":null,"issueTokens":false,"failAuthentication":false}"#,
            #"{"challengeName":1}"#, #"{"challengeName":""}"#, #"{"challengeName":"A B"}"#,
            #"{"issueTokens":"true"}"#, #"{"issueTokens":1}"#,
            #"{"issueTokens":true,"failAuthentication":0}"#,
        ])
    func noDecision(_ text: String) throws {
        let response = try response(text)
        #expect(throws: TriggerResponse.Wrong.self) { try TriggerAnswers.define(response) }
    }

    @Test("of CreateAuthChallenge: numbers and booleans become text")
    func create() throws {
        let challenge = try TriggerAnswers.create(
            try response(
                #"{"publicChallengeParameters":{"a":"b","n":7,"x":1.50,"t":true,"z":null},"#
                    + #""privateChallengeParameters":{"code":12345678},"challengeMetadata":"m"}"#))
        #expect(
            challenge
                == CreatedChallenge(
                    publicParameters: ["a": "b", "n": "7", "x": "1.50", "t": "true"],
                    privateParameters: ["code": "12345678"], metadata: "m"))
        #expect(
            try TriggerAnswers.create(
                try response(#"{"publicChallengeParameters":null,"challengeMetadata":null}"#))
                == CreatedChallenge())
        for text in [
            #"{"publicChallengeParameters":[]}"#, #"{"privateChallengeParameters":{"a":{}}}"#,
            #"{"privateChallengeParameters":{"a":["b"]}}"#, #"{"challengeMetadata":7}"#,
        ] {
            let response = try response(text)
            #expect(throws: TriggerResponse.Wrong.self) { try TriggerAnswers.create(response) }
        }
    }

    @Test("of PreSignUp")
    func preSignUp() throws {
        #expect(
            try TriggerAnswers.preSignUp(
                try response(#"{"autoConfirmUser":true,"autoVerifyEmail":true}"#)
            ).isConfirmed)
        #expect(
            try !TriggerAnswers.preSignUp(try response(#"{"autoVerifyEmail":true}"#)).isConfirmed)
        let wrong = try response(#"{"autoVerifyPhone":"no"}"#)
        #expect(throws: TriggerResponse.Wrong.self) { try TriggerAnswers.preSignUp(wrong) }
    }

    @Test("of PreTokenGeneration, version 1: the id token and the groups")
    func firstTokens() throws {
        let answer = try TokenAnswer(
            try response(
                #"{"claimsOverrideDetails":{"claimsToAddOrOverride":{"dept":"42","sub":"x"},"#
                    + #""claimsToSuppress":["phone_number","exp"],"#
                    + #""groupOverrideDetails":{"groupsToOverride":["a","b"]}}}"#), version: 1)
        #expect(
            answer.changes
                == TokenChanges(
                    id: .init(added: ["dept": .text("42")], suppressed: ["phone_number"]),
                    groups: ["a", "b"]))
        #expect(answer.leftOut == ["sub", "exp"])
        for text in ["{}", #"{"claimsOverrideDetails":null}"#, #"{"claimsOverrideDetails":{}}"#] {
            #expect(try TokenAnswer(try response(text), version: 1).changes == .none)
        }
        let number = try response(
            #"{"claimsOverrideDetails":{"claimsToAddOrOverride":{"dept":42}}}"#)
        #expect(throws: TriggerResponse.Wrong.self) { try TokenAnswer(number, version: 1) }
    }

    @Test("of PreTokenGeneration, version 2: both tokens, scopes, any claim")
    func secondTokens() throws {
        let answer = try TokenAnswer(
            try response(
                #"{"claimsAndScopeOverrideDetails":{"idTokenGeneration":{"claimsToAddOrOverride":"#
                    + #"{"a":[1,2.5,true,null,{"b":"c"}],"iss":"x"}},"accessTokenGeneration":{"#
                    + #""claimsToAddOrOverride":{"n":9007199254740993},"claimsToSuppress":["x"],"#
                    + #""scopesToAdd":["shop/read","aws.cognito.signin.user.admin"],"#
                    + #""scopesToSuppress":["aws.cognito.signin.user.admin"]},"#
                    + #""groupOverrideDetails":{}}}"#), version: 2)
        #expect(
            answer.changes
                == TokenChanges(
                    id: .init(added: [
                        "a": .list([
                            .integer(1), .number(2.5), .boolean(true), .null,
                            .object(["b": .text("c")]),
                        ])
                    ]),
                    access: .init(
                        added: ["n": .integer(9_007_199_254_740_993)], suppressed: ["x"]),
                    groups: [], scopesAdded: ["shop/read"],
                    scopesSuppressed: ["aws.cognito.signin.user.admin"]))
        #expect(answer.leftOut == ["iss", "aws.cognito.signin.user.admin"])
        for text in [#""a b""#, #""""#, #""a\"b""#, "1"] {
            let wrong = try response(
                #"{"claimsAndScopeOverrideDetails":{"accessTokenGeneration":{"scopesToAdd":[\#(text)]}}}"#
            )
            #expect(throws: TriggerResponse.Wrong.self) { try TokenAnswer(wrong, version: 2) }
        }
    }

    @Test("that reserve themselves are left out aloud")
    func reserved() async throws {
        let workshop = try Workshop()
        let file = try workshop.shell(
            #"echo '{"response":{"claimsOverrideDetails":{"claimsToAddOrOverride":{"sub":"root\u001b"}}}}'"#
        )
        let changes = try await workshop.everywhere(file).changes(
            toTokensOf: .ann, on: .signIn, groups: [], scopes: [])
        #expect(changes == .none)
        #expect(
            workshop.log == [
                "trigger pre_token_generation: not for triggers, left as they are: sub"
            ])
    }

    @Test(
        "that are not JSON are refused",
        arguments: [
            "", " ", "{", "{]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "[1,]", "01", "1.", ".5",
            "+1", "1e", "1e999", "--1", "nul", "nullx", "'a'", "\"\u{1}\"", "\"\\x\"",
            "\"\\ud800\"",
            "\"\\udc00\"", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "{} {}", "NaN",
            String(repeating: "[", count: 18) + String(repeating: "]", count: 18),
        ])
    func malformed(_ text: String) {
        #expect(throws: JSONReader.Malformed.self) { try JSONReader.value(Array(text.utf8)) }
    }

    @Test("are read as they are written")
    func wellFormed() throws {
        let text =
            #" { "a" : [ 1 , -2.5e+3 , true , false , null ] , "b\u0041\ud83d\ude00" : "\"\\\/\b\f\n\r\t" } "#
        #expect(
            try JSONReader.value(Array(text.utf8))
                == [
                    "a": .list([.number("1"), .number("-2.5e+3"), .bool(true), .bool(false), .null]
                    ),
                    "bA😀": "\"\\/\u{8}\u{c}\n\r\t",
                ])
        #expect(throws: JSONReader.Malformed.self) { try JSONReader.value([0x22, 0xff, 0x22]) }
    }
}
