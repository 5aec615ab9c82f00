import DoorpostCore

/// The answers to the events, as values of the flow's.
enum TriggerAnswers {
    typealias Wrong = TriggerResponse.Wrong

    static func define(_ response: TriggerResponse) throws(Wrong) -> NextStep {
        let name = try response.text("challengeName")
        let issues = try response.flag("issueTokens")
        if try response.flag("failAuthentication") { return .fail }
        if issues { return .issueTokens }
        guard let name else {
            throw Wrong(text: "response says neither what to ask nor how the sign-in ended")
        }
        guard (1...64).contains(name.utf8.count), name.utf8.allSatisfy(isNameByte) else {
            throw Wrong(text: "response.challengeName is not the name of a challenge")
        }
        return .ask(name)
    }

    static func create(_ response: TriggerResponse) throws(Wrong) -> CreatedChallenge {
        CreatedChallenge(
            publicParameters: try response.parameters("publicChallengeParameters"),
            privateParameters: try response.parameters("privateChallengeParameters"),
            metadata: try response.text("challengeMetadata"))
    }

    static func verify(_ response: TriggerResponse) throws(Wrong) -> Bool {
        try response.flag("answerCorrect")
    }

    /// Whether addresses are verified is not for a handler to say, but what it says is checked.
    static func preSignUp(_ response: TriggerResponse) throws(Wrong) -> PreSignUpAnswer {
        _ = try response.flag("autoVerifyEmail")
        _ = try response.flag("autoVerifyPhone")
        return PreSignUpAnswer(isConfirmed: try response.flag("autoConfirmUser"))
    }

    /// Letters, digits and underscores, as the names of challenges have.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
            || byte == UInt8(ascii: "_")
    }
}
