/// Who draws on what an account may cost: strangers share one budget, and beside it there is one for
/// sources that the account signed in from before, and one for the console, so that nobody far away
/// can use up what the owner needs (`references/security.md` §2).
///
/// A challenge belongs to the pot that it was started from. Its subject ends with the pot's name:
/// so strangers' challenges neither keep the owner's mails back nor take up their room.
package enum Pot: String, Sendable, CaseIterable {
    case strangers = ""
    case known = "|known"
    case console = "|console"

    /// The pot of a challenge with this subject.
    package init(ofSubject subject: String) {
        self =
            Self.allCases.first { !$0.rawValue.isEmpty && subject.hasSuffix($0.rawValue) }
            ?? .strangers
    }

    /// The subject without the pot: the same for all pots.
    fileprivate func name(in subject: String) -> String {
        String(subject.dropLast(rawValue.count))
    }

    fileprivate func reserve(beside key: LimitKey, _ rates: [Rate]) -> LimitReserve? {
        self == .strangers ? nil : LimitReserve(LimitKey("\(key)\(rawValue)"), rates: rates)
    }
}

extension LimitRule {
    /// The failures of an account, wherever they come from: all of a user's in one place, whatever
    /// name and door they came by; those of a decoy or a sign-up under what was asked for. Each pot
    /// beside the strangers' has as many again.
    ///
    /// - Parameter subject: of the challenge.
    package static func failures(
        of user: UserID?, subject: String, rates: [Rate], counts: Bool = true
    ) -> Self {
        let pot = Pot(ofSubject: subject)
        let key = LimitKey("failures:\(user.map { "user:\($0)" } ?? pot.name(in: subject))")
        return Self(
            .failuresPerAccount, key: key, rates: rates, reserve: pot.reserve(beside: key, rates),
            counts: counts)
    }

    /// The mails to an address. Each pot beside the strangers' has half as many again.
    ///
    /// - Parameters:
    ///   - key: ``ChallengeStart/mailKey``.
    ///   - subject: of the challenge.
    package static func mails(under key: LimitKey, subject: String, rates: [Rate]) -> Self {
        Self(
            .mailsPerAddress, key: key, rates: rates,
            reserve: Pot(ofSubject: subject).reserve(beside: key, rates.map(\.half)))
    }
}
