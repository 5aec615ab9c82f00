import DoorpostCore
import DoorpostPAM
import DoorpostSetup
import Glibc

/// Joins the PAM door with what the configuration names, for one request.
///
/// It holds the store open as long as it lives, and the process ends before it does: closing the
/// last connection would write the log back and delete it, while the person waits. The next
/// login reads the log, which is kept short.
final class Helper {
    private let configuration: Configuration
    private let conversation: WireConversation
    private let peer: Peer
    private var instance: Instance?

    init(_ configuration: Configuration, _ conversation: WireConversation, _ peer: Peer) {
        self.configuration = configuration
        self.conversation = conversation
        self.peer = peer
    }

    func answer(_ request: PAMRequest) -> PAMVerdict {
        let sessionFiles = SessionFileDirectory(path: configuration.pam.sessionDirectory)
        guard peer.mayAsk(request, sessionFiles: sessionFiles) else {
            let user = VisibleText.escape(request.user, limit: 100)
            conversation.log(.warning, "refused: may not ask for the account '\(user)'")
            conversation.complain("Only your own account can be asked for here.")
            return .denied
        }
        return configuration.center == nil
            ? answerHere(request, sessionFiles) : askCenter(request, sessionFiles)
    }

    private func answerHere(_ request: PAMRequest, _ sessionFiles: SessionFileDirectory)
        -> PAMVerdict
    {
        // Forked before the store is opened and before there is a second thread.
        let courier: any MailCourier =
            request.operation == .authenticate ? startCourier() : NoCourier()
        let instance: Instance
        do {
            // Not by the conversation: programs speak on threads of their own.
            instance = try Instance.open(configuration, log: SystemLog.note)
        } catch {
            conversation.log(.error, VisibleText.escape("\(error)", limit: 480))
            conversation.complain("Signing in by mail does not work now. Tell your administrator.")
            return .unavailable
        }
        self.instance = instance
        let door = PAMDoor(
            service: instance.flow, conversation: conversation, courier: courier,
            sessionFiles: sessionFiles, prompt: configuration.pam.prompt, host: HostName.current,
            asksAgain: !peer.isLimited)
        return SingleThread().run { await door.answer(request) }
    }

    /// The same door before a service that is elsewhere, and mails from there.
    private func askCenter(_ request: PAMRequest, _ sessionFiles: SessionFileDirectory)
        -> PAMVerdict
    {
        let host = HostName.current
        do {
            guard let center = try configuration.makeCenter(host: host) else {
                return .misconfigured
            }
            let door = PAMDoor(
                service: center, conversation: conversation, courier: CenterCourier(),
                sessionFiles: sessionFiles, prompt: configuration.pam.prompt, host: host,
                asksAgain: !peer.isLimited)
            return SingleThread().run { await door.answer(request) }
        } catch {
            conversation.log(.critical, VisibleText.escape("\(error)", limit: 480))
            conversation.complain("Signing in by mail is set up wrongly. Tell your administrator.")
            return .misconfigured
        }
    }

    private func startCourier() -> any MailCourier {
        let configuration = configuration
        return CourierProcess.start(closing: 0) { jobs in
            Courier(configuration).work(jobs)
        } ?? NoCourier()
    }
}

/// In the place of a courier where there is nothing to mail, or no process to be had for it.
private struct NoCourier: MailCourier {
    func dispatch(_ mail: PendingMail?) {}
    var progress: CourierProgress { .failed("no process for the courier") }
}

/// The center mails; whether it could shows there.
private struct CenterCourier: MailCourier {
    func dispatch(_ mail: PendingMail?) {}
    var progress: CourierProgress { .underway }
}
