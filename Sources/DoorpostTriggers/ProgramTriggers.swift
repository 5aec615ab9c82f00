package import DoorpostCore

/// Triggers as programs of the administrator's: an event goes in, the event with its response
/// comes out.
package final class ProgramTriggers: Triggers {
    private let pools: [TriggerPoint: ProgramPool]
    private let files: [TriggerPoint: String]
    private let tokenVersion: Int
    private let distrust: @Sendable (String) -> String?
    private let log: @Sendable (String) -> Void
    let events: TriggerEvents

    /// - Parameters:
    ///   - programs: what runs where.
    ///   - pool: the user pool's id.
    ///   - tokenVersion: of the events of ``TriggerPoint/preTokenGeneration``, 1 or 2.
    ///   - distrust: says why the file of a program is not to be trusted, or nil. It is asked
    ///     each time before a program is started.
    ///   - log: takes one line for the administrator, escaped.
    package init(
        _ programs: [TriggerPoint: TriggerProgram], pool: String, tokenVersion: Int = 1,
        limits: ProgramLimits = ProgramLimits(),
        distrust: @escaping @Sendable (String) -> String?,
        log: @escaping @Sendable (String) -> Void
    ) {
        // A program that is set at several points is one program: its runners serve them all.
        var shared: [TriggerProgram: ProgramPool] = [:]
        for program in Set(programs.values) {
            shared[program] = ProgramPool(
                ProgramStart(program: program, limits: limits, distrust: distrust), log: log)
        }
        pools = programs.compactMapValues { shared[$0] }
        files = programs.mapValues(\.path)
        self.tokenVersion = tokenVersion
        self.distrust = distrust
        self.log = log
        events = TriggerEvents(pool: pool, tokenVersion: tokenVersion)
    }

    package var points: Set<TriggerPoint> { Set(pools.keys) }

    package func define(_ subject: TriggerSubject, rounds: [AnsweredRound])
        async throws(TriggerError) -> NextStep
    {
        try await ask(
            .defineAuthChallenge, events.define(subject, rounds: rounds), TriggerAnswers.define)
    }

    package func create(_ subject: TriggerSubject, name: String, rounds: [AnsweredRound])
        async throws(TriggerError) -> CreatedChallenge
    {
        try await ask(
            .createAuthChallenge, events.create(subject, name: name, rounds: rounds),
            TriggerAnswers.create)
    }

    package func verify(_ subject: TriggerSubject, answer: String, parameters: [String: String])
        async throws(TriggerError) -> Bool
    {
        try await ask(
            .verifyAuthChallengeResponse,
            events.verify(subject, answer: answer, parameters: parameters), TriggerAnswers.verify)
    }

    package func preSignUp(
        _ subject: TriggerSubject, by way: SignUpWay, validationData: [String: String]
    ) async throws(TriggerError) -> PreSignUpAnswer {
        try await ask(
            .preSignUp, events.preSignUp(subject, by: way, validationData: validationData),
            TriggerAnswers.preSignUp)
    }

    package func postConfirmation(_ subject: TriggerSubject) async throws(TriggerError) {
        try await ask(.postConfirmation, events.postConfirmation(subject)) { _ in }
    }

    package func preAuthentication(_ subject: TriggerSubject) async throws(TriggerError) {
        try await ask(.preAuthentication, events.preAuthentication(subject)) { _ in }
    }

    package func postAuthentication(_ subject: TriggerSubject) async throws(TriggerError) {
        try await ask(.postAuthentication, events.postAuthentication(subject)) { _ in }
    }

    package func changes(
        toTokensOf subject: TriggerSubject, on occasion: TokenOccasion, groups: [String],
        scopes: [String]
    ) async throws(TriggerError) -> TokenChanges {
        let version = tokenVersion
        let answer = try await ask(
            .preTokenGeneration,
            events.tokens(of: subject, on: occasion, groups: groups, scopes: scopes)
        ) { response throws(TriggerResponse.Wrong) in
            try TokenAnswer(response, version: version)
        }
        if !answer.leftOut.isEmpty {
            let names = answer.leftOut.sorted().joined(separator: ", ")
            log(
                "trigger \(TriggerPoint.preTokenGeneration.rawValue): not for triggers, left as "
                    + "they are: \(VisibleText.escape(names, limit: 256))")
        }
        return answer.changes
    }

    /// Why the file of a point's program is not to be trusted, or nil.
    func fault(at point: TriggerPoint) -> String? {
        files[point].flatMap { file in distrust(file).map { "\(file): \($0)" } }
    }

    /// Has the point's program answer an event, and reads its response.
    func ask<Value>(
        _ point: TriggerPoint, _ event: TriggerEvent,
        _ read: (TriggerResponse) throws(TriggerResponse.Wrong) -> Value
    ) async throws(TriggerError) -> Value {
        let answer = try await answer(of: point, to: event)
        do throws(TriggerResponse.Wrong) {
            return try read(try TriggerResponse(answer))
        } catch {
            throw TriggerError(point, .badAnswer, error.text)
        }
    }

    /// Has the point's program answer an event.
    func answer(of point: TriggerPoint, to event: TriggerEvent) async throws(TriggerError)
        -> JSONValue
    {
        guard let pool = pools[point] else {
            throw TriggerError(point, .failed, "no program is set")
        }
        let answer: ProgramAnswer
        do throws(ProgramFault) {
            answer = try await pool.answer(event)
        } catch {
            throw TriggerError(point, error)
        }
        switch answer {
        case .event(let event): return event
        case .threw(let message): throw TriggerError(point, .refused, message)
        }
    }
}

extension TriggerError {
    /// What AWS makes of a program's fault: a handler that gave up is a refusal.
    init(_ point: TriggerPoint, _ fault: ProgramFault) {
        switch fault {
        case .notStarted(let reason): self.init(point, .failed, reason)
        case .hung: self.init(point, .failed, "it did not answer in time and was killed")
        case .busy: self.init(point, .failed, "too many events wait for it")
        case .killed(let signal): self.init(point, .failed, "it died by signal \(signal)")
        case .cancelled: self.init(point, .failed, "nobody waits for it any more")
        case .exited(let status): self.init(point, .refused, "exit status \(status)")
        case .flooded: self.init(point, .badAnswer, "the answer is too long")
        case .nonsense(let reason): self.init(point, .badAnswer, reason)
        }
    }
}
