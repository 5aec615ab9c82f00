package import DoorpostCore
import Synchronization

/// Triggers that do as a test says, and remember what they were told.
///
/// Unless told otherwise: ask until an answer is right, at most three times; ask `q1`, `q2`, …,
/// whose right answers are `a1`, `a2`, …
package final class ScriptedTriggers: Triggers {
    /// What the calls were, in order, in words.
    package var calls: [String] { state.withLock { $0.calls } }
    /// Whom the last call was about.
    package var subject: TriggerSubject? { state.withLock { $0.subject } }

    package let points: Set<TriggerPoint>

    private struct State {
        var calls: [String] = []
        var subject: TriggerSubject?
        var asked = 0
        var steps: [NextStep] = []
        var failure: TriggerError?
        var confirms = false
        var changes = TokenChanges.none
    }
    private let state = Mutex(State())

    package init(_ points: Set<TriggerPoint>) { self.points = points }

    /// The three decisions.
    package static var decisions: Set<TriggerPoint> {
        [.defineAuthChallenge, .createAuthChallenge, .verifyAuthChallengeResponse]
    }

    /// What `define` says in the next calls; then it goes on by itself.
    package func say(_ steps: NextStep...) { state.withLock { $0.steps = steps } }

    /// The point that fails from now on, and how; nil to work again.
    package func fail(with error: TriggerError?) { state.withLock { $0.failure = error } }

    package func confirmSignUps() { state.withLock { $0.confirms = true } }

    package func change(_ changes: TokenChanges) { state.withLock { $0.changes = changes } }

    private func note(_ point: TriggerPoint, _ subject: TriggerSubject, _ what: String = "")
        throws(TriggerError)
    {
        let failure = state.withLock { state in
            state.calls.append(point.rawValue + (what.isEmpty ? "" : " \(what)"))
            state.subject = subject
            return state.failure
        }
        if let failure, failure.point == point { throw failure }
    }

    package func define(_ subject: TriggerSubject, rounds: [AnsweredRound])
        async throws(TriggerError) -> NextStep
    {
        let results = rounds.map { "\($0.isRight ? "right" : "wrong"):\($0.metadata ?? "-")" }
        try note(.defineAuthChallenge, subject, results.joined(separator: ","))
        let said = state.withLock { state -> NextStep? in
            state.steps.isEmpty ? nil : state.steps.removeFirst()
        }
        if let said { return said }
        if rounds.last?.isRight == true { return .issueTokens }
        return rounds.count < 3 ? .ask("CUSTOM_CHALLENGE") : .fail
    }

    package func create(_ subject: TriggerSubject, name: String, rounds: [AnsweredRound])
        async throws(TriggerError) -> CreatedChallenge
    {
        try note(.createAuthChallenge, subject, "after \(rounds.count)")
        let number = state.withLock { state in
            state.asked += 1
            return state.asked
        }
        return CreatedChallenge(
            publicParameters: ["question": "q\(number)"],
            privateParameters: ["answer": "a\(number)"], metadata: "m\(number)")
    }

    package func verify(_ subject: TriggerSubject, answer: String, parameters: [String: String])
        async throws(TriggerError) -> Bool
    {
        try note(.verifyAuthChallengeResponse, subject, answer)
        return parameters["answer"] == answer
    }

    package func preSignUp(
        _ subject: TriggerSubject, by way: SignUpWay, validationData: [String: String]
    ) async throws(TriggerError) -> PreSignUpAnswer {
        try note(.preSignUp, subject, way.rawValue)
        return PreSignUpAnswer(isConfirmed: state.withLock { $0.confirms })
    }

    package func postConfirmation(_ subject: TriggerSubject) async throws(TriggerError) {
        try note(.postConfirmation, subject)
    }

    package func preAuthentication(_ subject: TriggerSubject) async throws(TriggerError) {
        try note(.preAuthentication, subject)
    }

    package func postAuthentication(_ subject: TriggerSubject) async throws(TriggerError) {
        try note(.postAuthentication, subject)
    }

    package func changes(
        toTokensOf subject: TriggerSubject, on occasion: TokenOccasion, groups: [String],
        scopes: [String]
    ) async throws(TriggerError) -> TokenChanges {
        try note(.preTokenGeneration, subject, occasion.rawValue)
        return state.withLock { $0.changes }
    }
}
