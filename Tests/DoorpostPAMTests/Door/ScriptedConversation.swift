import DoorpostCore
import DoorpostPAM

/// A person at a prompt, written down beforehand. The transcript is what they saw.
final class ScriptedConversation: Conversation {
    private var answers: [String]
    private(set) var transcript: [String] = []
    private(set) var logged: [String] = []
    private(set) var sessionFile: String?
    /// What to do when asked with no answer left.
    var atEnd = ConversationError.failed
    /// Called when a prompt is shown, before what is done meanwhile.
    var beforeWork: () -> Void = {}
    /// Called before each answer, with its number from 0.
    var beforeAnswer: (Int) -> Void = { _ in }
    private var asked = 0

    init(_ answers: [String]) { self.answers = answers }

    func ask(_ prompt: String, isHidden: Bool, meanwhile work: () -> Void)
        throws(ConversationError) -> CodeAnswerBytes
    {
        transcript.append("\(isHidden ? "hidden" : "shown"): \(prompt)")
        beforeWork()
        work()
        beforeAnswer(asked)
        asked += 1
        guard !answers.isEmpty else { throw atEnd }
        return CodeAnswerBytes(Array(answers.removeFirst().utf8))
    }

    func complain(_ text: String) { transcript.append("error: \(text)") }
    func log(_ priority: LogPriority, _ text: String) { logged.append(text) }
    func export(sessionFile: String) { self.sessionFile = sessionFile }

    /// Puts an answer in front of those that are left.
    func type(_ answer: String) { answers.insert(answer, at: 0) }
}

/// A courier that keeps what it is given and fares as it is told to.
final class ScriptedCourier: MailCourier {
    private(set) var dispatched: [PendingMail?] = []
    var progress = CourierProgress.underway

    func dispatch(_ mail: PendingMail?) { dispatched.append(mail) }

    var code: String? {
        dispatched.compactMap { $0 }.first?.message.text.split(separator: "\n")
            .first { $0.hasPrefix("    ") }.map { String($0.drop { $0 == " " }) }
    }
}
