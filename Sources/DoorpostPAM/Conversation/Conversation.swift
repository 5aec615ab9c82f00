package import DoorpostCore

/// The talk with the person who signs in, through the module and its host program.
package protocol Conversation {
    /// Asks, and waits for the answer.
    ///
    /// - Parameter work: what there is to do while the person reads. It runs once, also if nobody
    ///   could be asked.
    /// - Throws: ``ConversationError``: there will be no answer.
    func ask(_ prompt: String, isHidden: Bool, meanwhile work: () -> Void)
        throws(ConversationError) -> CodeAnswerBytes

    /// Tells the person that something is wrong. A person who is gone is no error here.
    func complain(_ text: String)

    /// Writes a line to the system's log.
    func log(_ priority: LogPriority, _ text: String)

    /// Names the session file in the PAM environment, should the verdict be success.
    func export(sessionFile: String)
}

extension Conversation {
    /// Asks, and waits for the answer.
    func ask(_ prompt: String, isHidden: Bool) throws(ConversationError) -> CodeAnswerBytes {
        try ask(prompt, isHidden: isHidden, meanwhile: {})
    }
}

/// Why there is no answer.
package enum ConversationError: Error, Equatable {
    /// The host program could not ask, or the person gave up.
    case failed
    case deadlinePassed
}

/// What was typed, as it came. A secret; its description is redacted.
package struct CodeAnswerBytes: Sendable, Equatable, CustomStringConvertible,
    CustomDebugStringConvertible
{
    package let bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package var answer: CodeAnswer { CodeAnswer(bytes) }

    /// Whether sshd put its own bytes in the place of the answer, as it does for a user whom it
    /// will not let in whatever PAM says: `"\b\n\r\177INCORRECT"`, repeated to the length of
    /// what was typed (OpenSSH auth-pam.c, fake_password). Nobody can type that.
    package var isReplacedBySSHD: Bool {
        let fake = Array("\u{8}\n\r\u{7f}INCORRECT".utf8)
        return !bytes.isEmpty
            && bytes.indices.allSatisfy { bytes[$0] == fake[$0 % fake.count] }
    }

    package var description: String { "CodeAnswerBytes(redacted)" }
    package var debugDescription: String { description }
}
