import DoorpostCore
import DoorpostSQLite
import DoorpostTesting
import GRDB
import Testing

/// What is kept with a challenge that is answered in rounds.
@Suite struct KeptRoundTests {
    let noon = Samples.noon
    let later = Samples.noon + .seconds(60)

    @Test(arguments: StoreKind.allCases)
    func aChallengeKeepsNothingAtFirst(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            let start = Samples.start("c", for: ada.id)
            #expect(try store.startChallenge(start).started?.sealedRounds == nil)
            #expect(try store.startChallenge(start).resumed?.sealedRounds == nil)
            #expect(try store.countAttempt(Samples.attempt("c", "a")).counted?.sealedRounds == nil)
            let resent = try store.resendChallenge(Samples.resend("c", at: later))
            #expect(resent.queued?.sealedRounds == nil)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func whatIsKeptComesWithEveryAnswer(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            let start = Samples.start("c", for: ada.id)
            _ = try store.startChallenge(start)
            let before = try store.snapshot()
            let live = LiveChallenge(
                id: start.id, mailedAt: noon, expiresAt: noon + .minutes(5), attemptsLeft: 3,
                sealedRounds: [9, 9])
            #expect(try store.keepRounds(Samples.rounds("c")) == live)
            #expect(try store.startChallenge(start).resumed == live)
            let resent = try store.resendChallenge(Samples.resend("c", at: later))
            #expect(resent.queued?.sealedRounds == [9, 9])
            let counted = try store.countAttempt(Samples.attempt("c", "a")).counted
            #expect(counted?.sealedRounds == [9, 9])
            let next = Samples.rounds("c") {
                $0.attemptsLeft = 2
                $0.sealed = []
            }
            #expect(try store.keepRounds(next)?.mailedAt == later)
            #expect(try store.countAttempt(Samples.attempt("c", "b")).counted?.sealedRounds == [])
            #expect(try store.snapshot().users == before.users)
        }
    }

    /// Whoever comes with an old round, or too late, keeps nothing, and takes back nothing.
    @Test(arguments: StoreKind.allCases)
    func aRoundThatIsOverKeepsNothing(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("c", for: ada.id))
            func attempt(_ name: String) -> ChallengeAttempt {
                Samples.attempt("c", name) { $0.accountRates = [Rate(3, per: .days(1))] }
            }
            func keeps(_ change: (inout RoundsToKeep) -> Void) throws -> Bool {
                let rounds = Samples.rounds("c") {
                    $0.sealed = [1]
                    $0.rightAttempt = "a"
                    change(&$0)
                }
                return try store.keepRounds(rounds) != nil
            }
            _ = try store.keepRounds(Samples.rounds("c"))
            _ = try store.countAttempt(attempt("a"))
            #expect(try !keeps { $0.attemptsLeft = 3 })
            #expect(try !keeps { $0.attemptsLeft = 1 })
            #expect(
                try !keeps {
                    $0.attemptsLeft = 2
                    $0.purpose = "pam/sudo/host-a"
                })
            #expect(
                try !keeps {
                    $0.attemptsLeft = 2
                    $0.challenge = ChallengeID("d")
                })
            let times = [noon + .minutes(5), noon - .minutes(2)]
            for time in times {
                #expect(
                    try !keeps {
                        $0.attemptsLeft = 2
                        $0.now = time
                    })
            }
            #expect(try store.countAttempt(attempt("b")).counted?.sealedRounds == [9, 9])
            #expect(try store.countAttempt(attempt("c")).counted?.sealedRounds == [9, 9])
            #expect(try !keeps { $0.attemptsLeft = 0 })
            // "a" is still counted: three failures, and no more.
            let next = Samples.attempt("d", "d") { $0.accountRates = [Rate(3, per: .days(1))] }
            _ = try store.startChallenge(Samples.start("d", for: ada.id, at: later))
            #expect(try store.countAttempt(next).hit?.name == .failuresPerAccount)
            #expect(
                try store.auditKinds() == [.userAdded, .codeRequested, .codeRequested])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aConsumedChallengeKeepsNothing(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("c", for: ada.id))
            _ = try store.consumeChallenge(Samples.consumption("c", "a", user: ada.id))
            #expect(try store.keepRounds(Samples.rounds("c")) == nil)
        }
    }

    /// A right answer on the way is no failure; still there are only so many rounds.
    @Test(arguments: StoreKind.allCases)
    func aRightRoundIsNoFailureButAnAttempt(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("c", for: ada.id))
            let source = LimitRule(
                .failuresPerSource, key: LimitKey("s"), rates: [Rate(2, per: .hours(1))])
            func attempt(_ name: String) throws -> ChallengeAttemptResult {
                try store.countAttempt(
                    Samples.attempt("c", name) {
                        $0.accountRates = [Rate(2, per: .days(1))]
                        $0.rules = [source]
                    })
            }
            #expect(try attempt("wrong").counted?.attemptsLeft == 2)
            #expect(try attempt("right").counted?.attemptsLeft == 1)
            #expect(try attempt("third").hit != nil)
            let rounds = Samples.rounds("c") {
                $0.attemptsLeft = 1
                $0.rightAttempt = "right"
            }
            #expect(try store.keepRounds(rounds)?.attemptsLeft == 1)
            #expect(try attempt("fourth").counted?.attemptsLeft == 0)
            #expect(try attempt("fifth") == .triesUsedUp)
        }
    }

    @Test(arguments: StoreKind.allCases, [false, true])
    func nobodyAnswersAnEndedChallenge(_ kind: StoreKind, _ isAbandoned: Bool) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("c", for: ada.id) { $0.resumeKey = "r" })
            let end = Samples.end("c", isAbandoned: isAbandoned)
            try store.endChallenge(end)
            #expect(try store.auditTrail(AuditQuery()).last?.event == end.audit)
            #expect(try store.countAttempt(Samples.attempt("c", "a")) == .triesUsedUp)
            #expect(try store.resendChallenge(Samples.resend("c", at: later)) == .triesUsedUp)
            #expect(try store.keepRounds(Samples.rounds("c") { $0.attemptsLeft = 0 }) == nil)
            #expect(
                try store.newestChallenge(
                    subject: "name:\(ada.id)", purpose: "pam/sshd/host-a", now: noon) == nil)
            // The same sign-in, tried again.
            let next = Samples.start("d", for: ada.id) {
                $0.resumeKey = "r"
                $0.maximumLive = 1
            }
            if isAbandoned {
                #expect(try store.startChallenge(next).started?.id == ChallengeID("d"))
            } else {
                #expect(
                    try store.startChallenge(next)
                        == .limited(LimitHit(.resendAfter, freeAt: later)))
            }
        }
    }

    /// Once the right answer is counted, no other process takes the sign-in away.
    @Test(arguments: StoreKind.allCases)
    func anAttemptCountedBeforeTheEndMayConsume(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("c", for: ada.id))
            _ = try store.countAttempt(Samples.attempt("c", "a"))
            try store.endChallenge(Samples.end("c"))
            #expect(
                try store.consumeChallenge(Samples.consumption("c", "a", user: ada.id))
                    == .consumed)
        }
    }

    @Test(arguments: StoreKind.allCases, OutboxItem.State.allCases)
    func theEndErasesTheMail(_ kind: StoreKind, _ state: OutboxItem.State) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("c", for: ada.id))
            let mail = MailID("mail-c")
            switch state {
            case .queued: break
            case .sent: try store.mailSent(mail, answer: "250", at: noon)
            case .failed:
                try store.mailFailed(
                    mail, answer: "550", retryAt: nil, audit: Samples.audit(.mailFailed))
            }
            try store.endChallenge(Samples.end("c"))
            let left = try store.outbox(includingSent: true, limit: 9)
            #expect(left.map(\.state) == (state == .queued ? [] : [state]))
            #expect(left.allSatisfy { $0.sealed.isEmpty })
        }
    }

    @Test(arguments: StoreKind.allCases)
    func whatIsGoneOrConsumedIsNotEnded(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("c", for: ada.id))
            try store.mailSent(MailID("mail-c"), answer: "250", at: noon)
            _ = try store.consumeChallenge(Samples.consumption("c", "a", user: ada.id))
            let (before, kinds) = (try store.snapshot(), try store.auditKinds())
            for id in ["c", "x"] { try store.endChallenge(Samples.end(id, isAbandoned: true)) }
            #expect(try store.snapshot() == before)
            #expect(try store.auditKinds() == kinds)
            #expect(try store.countAttempt(Samples.attempt("c", "b")) == .consumed)
        }
    }

    /// Of many processes that answer a round one has it, and it alone keeps the next.
    @Test(arguments: StoreKind.allCases)
    func aRoundIsOnesOwn(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            _ = try store.startChallenge(Samples.start("c", for: ada.id))
            let results = try race(64) { thread in
                Result { () throws -> LiveChallenge? in
                    let attempt = Samples.attempt("c", "\(thread)") {
                        $0.attemptsLeft = 3
                        $0.accountRates = []
                    }
                    let left = try store.countAttempt(attempt).counted?.attemptsLeft ?? 3
                    return try store.keepRounds(
                        Samples.rounds("c") {
                            $0.attemptsLeft = left
                            $0.sealed = [UInt8(thread)]
                        })
                }
            }.map { try $0.get() }
            let kept = results.compactMap(\.self)
            #expect(kept.map(\.attemptsLeft) == [2])
            #expect(
                try store.countAttempt(Samples.attempt("c", "z")).counted?.sealedRounds
                    == kept.first?.sealedRounds)
        }
    }

    /// Whatever the order: what was kept came with the attempt, or was not kept.
    @Test(arguments: StoreKind.allCases)
    func anAttemptAtTheSameTimeSeesWhatWasKept(_ kind: StoreKind) throws {
        try withAda(kind) { store, ada in
            for round in 0..<20 {
                let id = "c\(round)"
                _ = try store.startChallenge(
                    Samples.start(id, for: ada.id) {
                        $0.resendAfter = .seconds(0)
                        $0.maximumLive = 99
                        $0.mailRates = []
                    })
                let results = try race(2) { thread in
                    Result { () throws -> [UInt8]? in
                        if thread == 0 {
                            return try store.keepRounds(Samples.rounds(id))?.sealedRounds
                        }
                        let attempt = Samples.attempt(id, id) { $0.accountRates = [] }
                        return try store.countAttempt(attempt).counted?.sealedRounds
                    }
                }.map { try $0.get() }
                #expect(results[0] == results[1])
            }
        }
    }

    @Test(arguments: StoreKind.shared)
    func ofManyProcessesOneHasTheRound(_ kind: StoreKind) throws {
        try withPlace(kind) { place, store in
            let ada = try Samples.user("ada")
            try store.addUser(ada, audit: Samples.audit(.userAdded))
            _ = try store.startChallenge(Samples.start("c", for: ada.id))
            let results = try Racer.race("round", place, processes: 8, threads: 8)
            #expect(results == ["kept": 1, "over": 63])
        }
    }

    /// It is as secret as the code, and goes with it.
    @Test func nothingStaysInTheFile() throws {
        try withDirectory { directory in
            let path = directory + "/store.db"
            let store = try SQLiteStore(path: path)
            func kept(_ end: (User) throws -> Void) throws -> Int? {
                let ada = try Samples.user("ada")
                try store.addUser(ada, audit: Samples.audit(.userAdded))
                _ = try store.startChallenge(Samples.start("c", for: ada.id) { $0.mailRates = [] })
                _ = try store.keepRounds(Samples.rounds("c"))
                try end(ada)
                let count = try withDatabase(path) {
                    try Int.fetchOne(
                        $0, sql: "SELECT count(*) FROM challenges WHERE sealed_rounds NOT NULL")
                }
                _ = try store.deleteUser(ada.id, audit: Samples.audit(.userDeleted))
                return count
            }
            #expect(try kept { _ in } == 1)
            #expect(
                try kept {
                    _ = try store.consumeChallenge(Samples.consumption("c", "a", user: $0.id))
                } == 0)
            #expect(try kept { _ in try store.endChallenge(Samples.end("c")) } == 0)
            #expect(
                try kept {
                    var user = $0
                    user.isEnabled = false
                    _ = try store.updateUser(user, audit: Samples.audit(.userChanged))
                } == 0)
            #expect(
                try kept { _ = try store.deleteUser($0.id, audit: Samples.audit(.userDeleted)) }
                    == 0)
            // With its unsent mail the challenge stays a week; what was kept does not.
            #expect(try kept { _ in _ = try store.purge(now: noon + .minutes(5), limit: 9) } == 0)
        }
    }
}
