import CPAMWire

/// A conversation over the socket to the module.
package final class WireConversation: Conversation {
    private let channel: FrameChannel
    private let ownLog: ((LogPriority, String) -> Void)?

    /// - Parameter ownLog: takes the log lines, where the module is not to have them: it would show
    ///   them to whoever runs it, or swallow them.
    package init(_ channel: FrameChannel, ownLog: ((LogPriority, String) -> Void)? = nil) {
        self.channel = channel
        self.ownLog = ownLog
    }

    package func ask(_ prompt: String, isHidden: Bool, meanwhile work: () -> Void)
        throws(ConversationError) -> CodeAnswerBytes
    {
        do {
            do {
                defer { work() }
                try channel.write(.prompt(prompt, isHidden: isHidden))
            }
            switch try channel.read() {
            case .answer(let bytes): return CodeAnswerBytes(bytes)
            case .conversationFailed: throw ConversationError.failed
            }
        } catch ChannelError.deadlinePassed {
            throw .deadlinePassed
        } catch {
            throw .failed
        }
    }

    package func complain(_ text: String) { send(.error(text)) }

    package func log(_ priority: LogPriority, _ text: String) {
        if let ownLog { return ownLog(priority, text) }
        send(.log(priority: priority, text))
    }

    package func export(sessionFile: String) {
        send(.environment("DOORPOST_SESSION_FILE=\(sessionFile)"))
    }

    /// Ends the talk: the last frame on the wire.
    ///
    /// - Throws: ``ChannelError``: the module will not learn the verdict, and denies.
    package func conclude(_ verdict: PAMVerdict, nonce: [UInt8]) throws(ChannelError) {
        try channel.write(.verdict(nonce: nonce, verdict))
        channel.finish()
    }

    /// A module that no longer listens denies by itself; there is nothing better to do here.
    private func send(_ frame: HelperFrame) {
        do {
            try channel.write(frame)
        } catch {
            return
        }
    }
}
