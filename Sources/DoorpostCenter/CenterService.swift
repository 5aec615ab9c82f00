package import DoorpostCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Lets people in to this machine by asking a central Doorpost (``HostPath``), which keeps the user
/// pool and the limits, mails the codes and signs the sessions.
///
/// Nothing is asked twice: an answer that is lost may have cost an attempt, or opened a session.
package struct CenterService: Center {
    /// For answers that wait for a database at most.
    private static let patience = Span.seconds(8)
    /// For answers that wait for triggers, too: two programs of 5 seconds each.
    private static let longPatience = Span.seconds(15)

    private let address: CenterAddress
    private let key: HostKey
    /// What this machine calls itself.
    private let host: String

    package init(_ address: CenterAddress, key: HostKey, host: String) {
        self.address = address
        self.key = key
        self.host = host
    }

    package func accountState(login: String) async throws(FlowError) -> AccountState {
        let answer = try ask(
            HostPath.account, HostAccount(host: host, login: login), for: HostAccountAnswer.self)
        guard let state = answer.accountState else { throw notUnderstood }
        return state
    }

    package func initiate(login: String, in context: SignInContext) async throws(FlowError)
        -> InitiateOutcome
    {
        let answer = try ask(
            HostPath.initiate, HostInitiate(login: login, in: context), for: HostInitiated.self,
            patience: Self.longPatience)
        guard let outcome = answer.initiateOutcome else { throw notUnderstood }
        return outcome
    }

    package func verify(_ answer: CodeAnswer, challenge: ChallengeID, in context: SignInContext)
        async throws(FlowError) -> VerifyOutcome
    {
        let verified = try ask(
            HostPath.verify, HostVerify(answer, session: challenge.text, in: context),
            for: HostVerified.self, patience: Self.longPatience)
        guard let outcome = verified.verifyOutcome(in: context) else { throw notUnderstood }
        return outcome
    }

    package func endSession(_ id: SessionID, reason: String) async throws(FlowError) {
        _ = try ask(
            HostPath.endSession, HostSession(host: host, session: id, reason: reason),
            for: HostSessionAnswer.self)
    }

    package func verdict(on token: String, audience: String?) throws(FlowError) -> TokenVerdict {
        let answer = try ask(
            HostPath.token, HostToken(host: host, token: token, audience: audience),
            for: HostTokenAnswer.self)
        guard let verdict = answer.verdict else { throw notUnderstood }
        return verdict
    }

    package func knock() throws(FlowError) -> Timestamp? {
        let body = try text(of: HostAccount(host: host, login: ""))
        let answer = try post(body, to: HostPath.account)
        _ = try read(answer, as: HostAccountAnswer.self)
        return answer.date
    }

    private func ask<Question: Encodable, Reply: Decodable>(
        _ path: String, _ question: Question, for reply: Reply.Type, patience: Span = patience
    ) throws(FlowError) -> Reply {
        try read(post(text(of: question), to: path, patience: patience), as: reply)
    }

    private func text(of question: some Encodable) throws(FlowError) -> String {
        do {
            return String(decoding: try JSONEncoder().encode(question), as: UTF8.self)
        } catch {
            throw FlowError(.internal, "a question to the center could not be encoded")
        }
    }

    private func post(_ body: String, to path: String, patience: Span = patience)
        throws(FlowError) -> CenterAnswer
    {
        try CenterRequest(address).post(body, to: path, key: key, patience: patience)
    }

    private func read<Reply: Decodable>(_ answer: CenterAnswer, as reply: Reply.Type)
        throws(FlowError) -> Reply
    {
        guard answer.status == 200 else { throw refusal(answer.status, answer.body) }
        do {
            return try JSONDecoder().decode(reply, from: Data(answer.body))
        } catch {
            throw notUnderstood
        }
    }

    /// Why there was no 200: the center's own words if it is a Doorpost.
    private func refusal(_ status: Int, _ body: [UInt8]) -> FlowError {
        struct Fault: Decodable {
            var error: String
            var message: String
        }
        guard let fault = try? JSONDecoder().decode(Fault.self, from: Data(body)) else {
            return FlowError(
                .center, "\(address.url) answered with status \(status), and not as a Doorpost")
        }
        let said = VisibleText.escape("\(fault.error): \(fault.message)", limit: 300)
        return fault.error.hasPrefix("host_")
            ? FlowError(.hostRefused, "\(address.url) refuses this host: \(said)")
            : FlowError(.center, "\(address.url) cannot sign in anybody now: \(said)")
    }

    private var notUnderstood: FlowError {
        FlowError(
            .center, "\(address.url) answered what this Doorpost does not understand: is it newer?")
    }
}
