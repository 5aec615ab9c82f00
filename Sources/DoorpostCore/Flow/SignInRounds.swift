import Crypto

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What the store keeps of a sign-in that triggers decide about, sealed.
struct SignInRounds: Hashable, Sendable, Codable {
    var subject: TriggerSubject
    var answered: [AnsweredRound]
    /// What the challenge that is to be answered now is called.
    var name: String
    /// What a trigger asks; nil for the mailed code.
    var created: CreatedChallenge?

    /// Whom it is about, with what the program that asks has to say now.
    func subject(in context: SignInContext) -> TriggerSubject {
        var subject = subject
        subject.metadata = context.metadata
        return subject
    }

    /// The round that is to be answered now, answered.
    func answered(isRight: Bool) -> [AnsweredRound] {
        answered + [AnsweredRound(name: name, isRight: isRight, metadata: created?.metadata)]
    }

    /// What the person's program is to know of it.
    var question: TriggerQuestion? {
        created.map { TriggerQuestion(name: name, parameters: $0.publicParameters) }
    }
}

extension SignInRounds: CustomStringConvertible, CustomDebugStringConvertible {
    var description: String { "SignInRounds(redacted)" }
    var debugDescription: String { description }
}

/// What a trigger asks in the place of the mailed code.
package struct TriggerQuestion: Hashable, Sendable {
    /// `ChallengeName`.
    package var name: String
    /// For the person's program, not for logs.
    package var parameters: [String: String]
}

extension FlowKeys {
    /// Seals the rounds of a challenge for the store (AES-256-GCM, bound to the challenge).
    func seal(_ state: SignInRounds, of challenge: ChallengeID) throws -> [UInt8] {
        let plain = try JSONEncoder().encode(state)
        let box = try AES.GCM.seal(
            plain, using: rounds, authenticating: Array(challenge.text.utf8))
        return Array(box.nonce) + Array(box.ciphertext) + Array(box.tag)
    }

    /// Opens the rounds of a challenge.
    ///
    /// - Throws: if they were sealed with another key or for another challenge.
    func openRounds(_ sealed: [UInt8], of challenge: ChallengeID) throws -> SignInRounds {
        let box = try AES.GCM.SealedBox(combined: sealed)
        let plain = try AES.GCM.open(
            box, using: rounds, authenticating: Array(challenge.text.utf8))
        return try JSONDecoder().decode(SignInRounds.self, from: plain)
    }
}
