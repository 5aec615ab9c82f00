import DoorpostCore
import DoorpostTesting
import Testing

@Suite struct DecoyStartTests {
    let noon = Samples.noon

    /// Whatever is done to it, a decoy answers as a user's challenge does.
    @Test(arguments: StoreKind.allCases)
    func decoysAnswerAsUsersDo(_ kind: StoreKind) throws {
        func transcript(of user: UserID?, _ store: any Store) throws -> [String] {
            let rules = [
                LimitRule(
                    .startsPerSource, key: LimitKey("s:\(user?.text ?? "x")"),
                    rates: [Rate(7, per: .hours(1))])
            ]
            var lines: [String] = []
            func start(_ id: String, _ seconds: Int64, key: String) throws {
                let result = try store.startChallenge(
                    Samples.start(id, for: user, at: noon + .seconds(seconds)) {
                        $0.resumeKey = key
                        $0.rules = rules
                    })
                switch result {
                case .resumed(let live, _): lines.append("resumed \(live)")
                default: lines.append("\(result)")
                }
            }
            func attempt(_ id: String, _ name: String, _ seconds: Int64) throws {
                let result = try store.countAttempt(
                    Samples.attempt(id, name, at: noon + .seconds(seconds)) {
                        $0.accountRates = [Rate(5, per: .days(1))]
                    })
                if let counted = result.counted {
                    lines.append("counted \(counted.attemptsLeft) \(counted.codeHash)")
                } else {
                    lines.append("\(result)")
                }
            }
            func resend(_ id: String, _ seconds: Int64) throws {
                let result = try store.resendChallenge(
                    Samples.resend(id, at: noon + .seconds(seconds)))
                lines.append(result.queued.map { "queued \($0)" } ?? "\(result)")
            }
            try start("1", 0, key: "r")
            try start("2", 1, key: "r")
            try start("3", 2, key: "q")
            try attempt("1", "a\(user?.text ?? "x")", 3)
            try resend("1", 30)
            try resend("1", 60)
            try attempt("1", "b", 61)
            try attempt("1", "c", 62)
            try attempt("1", "d", 63)
            try resend("1", 300)
            try start("4", 301, key: "r")
            try attempt("4", "e", 302)
            try attempt("4", "f", 303)
            try attempt("4", "g", 304)
            try start("5", 305, key: "q")
            for number in 6..<12 { try start("\(number)", Int64(number) * 300, key: "r") }
            return lines
        }
        try withAda(kind) { store, ada in
            let user = try transcript(of: ada.id, store)
            try withStore(kind) { fresh in
                let decoy = try transcript(of: nil, fresh)
                #expect(decoy == user)
            }
            #expect(Set(user.map { $0.prefix(7) }).count > 5, "the transcript is a rich one")
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aDecoyMailsNothing(_ kind: StoreKind) throws {
        try withStore(kind) { store in
            let total = LimitRule(
                .mailsTotal, key: LimitKey("t"), rates: [Rate(1, per: .days(1))])
            let decoy = Samples.start("c", for: nil) {
                $0.rules = [total]
                $0.resumeKey = "r"
            }
            let first = try store.startChallenge(decoy)
            #expect(first.started != nil)
            #expect(
                try store.startChallenge(decoy)
                    == .resumed(
                        LiveChallenge(
                            id: decoy.id, mailedAt: noon, expiresAt: noon + .minutes(5),
                            attemptsLeft: 3), mailState: nil))
            let resend = Samples.resend("c", at: noon + .seconds(60)) { $0.rules = [total] }
            #expect(try store.resendChallenge(resend).queued != nil)
            #expect(try store.resendChallenge(resend).mail == nil)
            #expect(try store.outbox(includingSent: true, limit: 9).isEmpty)
            // The total has counted none of them.
            let other = Samples.start("d", for: nil) {
                $0.subject = "decoy:y"
                $0.rules = [total]
            }
            #expect(try store.startChallenge(other).started != nil)
            let consumption = Samples.consumption("c", "a", user: UserID("id-ada"))
            #expect(try store.consumeChallenge(consumption) == .userGone)
        }
    }
}
