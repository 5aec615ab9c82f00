import DoorpostCore

/// Every sentence that a person reads at a PAM prompt, in one place. The same for everybody:
/// nothing here depends on whether the user exists. What must be read stands in the prompt,
/// since sshd before 10.3 holds messages back until the next prompt.
struct PAMTexts {
    /// What is asked for (`pam.prompt`).
    var noun: String

    init(prompt: String?) { noun = prompt ?? "Sign-in code" }

    let confirmSend = "Press Enter to have a sign-in code mailed to you: "

    func first(_ live: LiveChallenge, isResumed: Bool) -> String {
        let until = UTCTime(live.expiresAt).clockText
        return isResumed
            ? "\(noun) (mailed at \(UTCTime(live.mailedAt).clockText) UTC, good until \(until) UTC): "
            : "\(noun) (mailed to you, good until \(until) UTC): "
    }

    /// What a trigger asks, which may have come by any way.
    func asked(_ live: LiveChallenge) -> String {
        "\(noun) (good until \(UTCTime(live.expiresAt).clockText) UTC): "
    }

    /// A right answer was not the last.
    var another: String { "That was right. One more. \(noun): " }

    var nothingTyped: String { "Nothing was typed. \(noun): " }

    func wrong(triesLeft: Int) -> String {
        "Wrong code, \(triesLeft) \(triesLeft == 1 ? "try" : "tries") left. \(noun): "
    }

    /// Where nothing is asked twice in one sign-in.
    let noCode = "That was not the code that was mailed. Try again: it still works."
    let noTriesLeft = "Wrong code. No tries are left; wait a minute, then sign in again."
    let spent = "This code has been used. Sign in again for a new one."
    let expired = "This code has expired. Sign in again for a new one."
    let timeOver = "The time to type the code is over. Sign in again: the same code still works."
    let notMailed = "The code could not be mailed. Try again later, or tell your administrator."
    let unavailable = "Signing in by mail does not work now. Tell your administrator."

    func limited(retryAfter: Span) -> String {
        "Too many sign-ins were tried. Try again in \(Self.wait(retryAfter))."
    }

    private static func wait(_ span: Span) -> String {
        let seconds = max(1, span.wholeSeconds)
        if seconds < 120 { return "\(seconds) seconds" }
        let minutes = (seconds + 59) / 60
        return minutes < 120 ? "\(minutes) minutes" : "\((minutes + 59) / 60) hours"
    }
}
