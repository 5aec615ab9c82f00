package import DoorpostCore

/// The PAM door: turns a request of the module into calls of the flow, here or at a center, and the outcome into a
/// verdict. It decides nothing about codes.
package struct PAMDoor {
    let service: any SignInService
    let conversation: any Conversation
    let courier: any MailCourier
    let sessionFiles: SessionFileDirectory
    let texts: PAMTexts
    /// The name of this machine, as the kernel has it.
    let host: String
    /// Whether a wrong or empty answer is asked for again. A screen locker gives the same answer to
    /// every question: what was typed before it asked anything.
    let asksAgain: Bool

    package init(
        service: any SignInService, conversation: any Conversation, courier: any MailCourier,
        sessionFiles: SessionFileDirectory, prompt: String?, host: String,
        asksAgain: Bool = true
    ) {
        self.service = service
        self.conversation = conversation
        self.courier = courier
        self.sessionFiles = sessionFiles
        texts = PAMTexts(prompt: prompt)
        self.host = host
        self.asksAgain = asksAgain
    }

    /// Answers a request. Every fault ends in a verdict that denies.
    package func answer(_ request: PAMRequest) async -> PAMVerdict {
        do {
            switch request.operation {
            case .authenticate: return try await authenticate(request)
            case .account: return try await checkAccount(request)
            case .closeSession: return try await closeSession(request)
            }
        } catch {
            conversation.log(.error, "\(error)")
            conversation.complain(texts.unavailable)
            return .unavailable
        }
    }

    func context(of request: PAMRequest) -> SignInContext {
        SignInContext(
            door: .pam, service: request.service, host: host, source: Source(request.rhost),
            tty: request.tty)
    }

    private func checkAccount(_ request: PAMRequest) async throws(FlowError) -> PAMVerdict {
        switch try await service.accountState(login: request.user) {
        case .enabled: return .success
        case .notEnrolled: return .notEnrolled
        case .disabled:
            conversation.log(.notice, "a disabled user was refused")
            return .accountDisabled
        }
    }
}

/// Hands mails over beside the prompt.
package protocol MailCourier {
    /// Takes a mail to hand over; nil to knock at the relay as if there were one. Returns at once.
    func dispatch(_ mail: PendingMail?)

    /// How the mail fares, as far as is known by now.
    var progress: CourierProgress { get }
}

/// How far a mail has come.
package enum CourierProgress: Sendable, Equatable {
    case underway
    case delivered
    /// With what the administrator should know.
    case failed(String)
}
