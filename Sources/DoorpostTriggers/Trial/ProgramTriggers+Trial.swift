package import DoorpostCore

// Events for an administrator to look at. The program is run for real, and does what it does.
extension ProgramTriggers {
    /// What stands where a person's code or answer would.
    package static let sampleCode = "00000000"

    /// Sends a point's event as it would be for this subject, in a sign-in that has just begun.
    package func trial(of point: TriggerPoint, for subject: TriggerSubject, groups: [String])
        async -> TriggerTrial
    {
        let event = sample(of: point, for: subject, groups: groups)
        var trial = TriggerTrial(point: point, event: event.line, took: .zero)
        let start = ContinuousClock.now
        do throws(TriggerError) {
            let answer = try await answer(of: point, to: event)
            trial.took = ContinuousClock.now - start
            trial.answer = answer.line
            do throws(TriggerResponse.Wrong) {
                try check(answer, of: point)
            } catch {
                throw TriggerError(point, .badAnswer, error.text)
            }
        } catch {
            if trial.answer == nil { trial.took = ContinuousClock.now - start }
            trial.error = error
        }
        return trial
    }

    private func sample(of point: TriggerPoint, for subject: TriggerSubject, groups: [String])
        -> TriggerEvent
    {
        let mail = MailedCode(text: Self.sampleCode, occasion: .signIn, subject: subject)
        return switch point {
        case .defineAuthChallenge: events.define(subject, rounds: [])
        case .createAuthChallenge:
            events.create(subject, name: AnsweredRound.customChallenge, rounds: [])
        case .verifyAuthChallengeResponse:
            events.verify(subject, answer: Self.sampleCode, parameters: [:])
        case .preSignUp: events.preSignUp(subject, by: .signUp, validationData: [:])
        case .postConfirmation: events.postConfirmation(subject)
        case .preAuthentication: events.preAuthentication(subject)
        case .postAuthentication: events.postAuthentication(subject)
        case .preTokenGeneration:
            events.tokens(
                of: subject, on: .signIn, groups: groups,
                scopes: ["aws.cognito.signin.user.admin"])
        case .customMessage: events.customMessage(mail)
        case .customEmailSender: events.customEmailSender(mail)
        }
    }

    private func check(_ answer: JSONValue, of point: TriggerPoint) throws(TriggerResponse.Wrong) {
        if point == .customEmailSender { return }
        let response = try TriggerResponse(answer)
        switch point {
        case .defineAuthChallenge: _ = try TriggerAnswers.define(response)
        case .createAuthChallenge: _ = try TriggerAnswers.create(response)
        case .verifyAuthChallengeResponse: _ = try TriggerAnswers.verify(response)
        case .preSignUp: _ = try TriggerAnswers.preSignUp(response)
        case .preTokenGeneration: _ = try TokenAnswer(response, version: events.tokenVersion)
        case .customMessage: _ = try CustomMessage(response)
        case .postConfirmation, .preAuthentication, .postAuthentication, .customEmailSender: break
        }
    }
}
