import DoorpostCore

extension PAMDoor {
    /// Empty answers are asked again without being counted, but not for ever.
    private static let emptyAnswersBorne = 10

    func authenticate(_ request: PAMRequest) async throws(FlowError) -> PAMVerdict {
        if request.options.contains(.unenrolledIgnore),
            try await service.accountState(login: request.user) == .notEnrolled
        {
            return .notEnrolled
        }
        let isHidden = !request.options.contains(.echo)
        if request.options.contains(.confirmSend) {
            do {
                let answer = try conversation.ask(texts.confirmSend, isHidden: false)
                // sshd will refuse this user whatever we say: nobody is mailed for that.
                if answer.isReplacedBySSHD { return .denied }
            } catch {
                return verdict(for: error)
            }
        }
        let context = context(of: request)
        switch try await service.initiate(login: request.user, in: context) {
        case .limited(let retryAfter, let limit):
            conversation.log(.notice, "no code was mailed: limit \(limit.rawValue) is used up")
            conversation.complain(texts.limited(retryAfter: retryAfter))
            return .triesUsedUp
        case .refused, .confirmed: return refuse(texts.unavailable, as: .denied)
        case .started(let started):
            return try await askForCode(
                started, of: request.user, in: context, isHidden: isHidden)
        }
    }

    private func askForCode(
        _ started: InitiateOutcome.Started, of login: String, in context: SignInContext,
        isHidden: Bool
    ) async throws(FlowError) -> PAMVerdict {
        var prompt =
            started.question == nil
            ? texts.first(started.live, isResumed: started.isResumed)
            : texts.asked(started.live)
        // After the first prompt, which so takes the same time for everybody.
        var meanwhile = { handOver(started) }
        var emptyAnswers = 0
        var fakeTriesLeft = started.live.attemptsLeft
        while true {
            let typed: CodeAnswerBytes
            do {
                typed = try conversation.ask(prompt, isHidden: isHidden, meanwhile: meanwhile)
                meanwhile = {}
            } catch {
                return verdict(for: error)
            }
            if started.question == nil, case .failed(let reason) = courier.progress {
                conversation.log(.error, "the code could not be mailed: \(reason)")
                conversation.complain(texts.notMailed)
                return .unavailable
            }
            // A password, perhaps: it costs no try, and the code is out.
            if !asksAgain, started.question == nil, !started.shape.fits(typed.answer) {
                return refuse(texts.noCode, as: .denied)
            }
            if typed.answer.isEmpty {
                emptyAnswers += 1
                if emptyAnswers > Self.emptyAnswersBorne { return .denied }
                prompt = texts.nothingTyped
                continue
            }
            if typed.isReplacedBySSHD {
                // Counted here only: a stranger who tries `root` costs root no tries.
                fakeTriesLeft -= 1
                if fakeTriesLeft <= 0 { return refuse(texts.noTriesLeft, as: .denied) }
                prompt = texts.wrong(triesLeft: fakeTriesLeft)
                continue
            }
            let outcome = try await service.verify(
                typed.answer, challenge: started.live.id, in: context)
            switch outcome {
            case .wrong(let left):
                conversation.log(.notice, "wrong code, \(left) tries left")
                guard asksAgain else { return refuse(texts.noCode, as: .denied) }
                prompt = texts.wrong(triesLeft: left)
            case .asked(_, isRight: true, _): prompt = texts.another
            case .asked(_, isRight: false, let left):
                conversation.log(.notice, "wrong answer, \(left) tries left")
                guard asksAgain else { return refuse(texts.noCode, as: .denied) }
                prompt = texts.wrong(triesLeft: left)
            case .signedIn(let signIn): return await admit(signIn, as: login)
            case .triesUsedUp:
                conversation.log(.notice, "wrong code, no tries left")
                // CONTRACT.md §5 asks for two return codes here, and so for this difference.
                return refuse(texts.noTriesLeft, as: started.isDecoy ? .denied : .triesUsedUp)
            case .limited(let retryAfter, let limit):
                conversation.log(.notice, "not looked at: limit \(limit.rawValue) is used up")
                return refuse(
                    texts.limited(retryAfter: retryAfter),
                    as: started.isDecoy ? .denied : .triesUsedUp)
            case .expired: return refuse(texts.expired, as: .denied)
            case .used: return refuse(texts.spent, as: .denied)
            case .unknownChallenge: return refuse(texts.expired, as: .denied)
            }
        }
    }

    /// A resumed challenge whose mail is out needs no courier; a decoy always knocks. What a trigger
    /// asks is not mailed by us.
    private func handOver(_ started: InitiateOutcome.Started) {
        guard started.question == nil,
            !started.isResumed || started.isDecoy || started.mail != nil
        else { return }
        courier.dispatch(started.mail)
    }

    private func refuse(_ text: String, as verdict: PAMVerdict) -> PAMVerdict {
        conversation.complain(text)
        return verdict
    }

    private func verdict(for error: ConversationError) -> PAMVerdict {
        switch error {
        case .failed: return .conversationFailed
        case .deadlinePassed:
            conversation.log(.notice, "no answer within the deadline")
            return refuse(texts.timeOver, as: .unavailable)
        }
    }

    /// The code was right. No session file, no login: who is let in can always show why.
    private func admit(_ signIn: SignIn, as login: String) async -> PAMVerdict {
        guard signIn.user.login?.name == login else {
            conversation.log(.warning, "the user's login name was changed while the code was out")
            await endUnusedSession(signIn, "the login name was changed meanwhile")
            return refuse(texts.expired, as: .denied)
        }
        do {
            let path = try sessionFiles.write(signIn)
            conversation.export(sessionFile: path)
            conversation.log(.info, "signed in, session \(signIn.session.id)")
            return .success
        } catch {
            conversation.log(.error, "the session file could not be written: \(error)")
            conversation.complain(texts.unavailable)
            await endUnusedSession(signIn, "its session file could not be written")
            return .unavailable
        }
    }

    private func endUnusedSession(_ signIn: SignIn, _ reason: String) async {
        do {
            try await service.endSession(signIn.session.id, reason: reason)
        } catch {
            conversation.log(.error, "session \(signIn.session.id) could not be revoked: \(error)")
        }
    }
}
