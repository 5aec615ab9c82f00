import DoorpostCore
import DoorpostPAM
import DoorpostSetup
import Glibc

/// `doorpost-pam --config FILE`: what pam_doorpost.so runs, with the socket to it on descriptor 0; or
/// systemd, with a connection there that pam_doorpost.so in a program without rights has made.
///
/// The order is the safety: who asks, configuration (root's file), privileges dropped, then the first byte
/// that came from outside, then the fork, then the store. It ends with exit status 0 only after
/// a verdict went out.
@main
enum HelperMain {
    private static let channelDescriptor: Int32 = 0
    /// How long the module may take to send the request after it started us.
    private static let requestMilliseconds: Int64 = 10_000
    /// The same for whoever came through the socket that is open to everybody.
    private static let limitedRequestMilliseconds: Int64 = 2000

    static func main() {
        guard let path = configurationPath(in: CommandLine.arguments) else { usage() }
        guard let peer = Peer(of: channelDescriptor) else { _exit(EXIT_FAILURE) }
        let channel = FrameChannel(
            descriptor: channelDescriptor,
            milliseconds: peer.isLimited ? limitedRequestMilliseconds : requestMilliseconds)
        let conversation = WireConversation(
            channel, ownLog: peer.isLimited ? { SystemLog.write($0, "\(peer): \($1)") } : nil)
        do {
            let configuration: Configuration
            do {
                configuration = try Configuration.load(path: path)
                try ServiceUser.become(configuration.runAs)
            } catch {
                try refuse("\(error)", over: channel, conversation)
            }
            let request = peer.believed(try channel.readRequest())
            bound(request, by: configuration, channel)
            let helper = Helper(configuration, conversation, peer)
            try conversation.conclude(helper.answer(request), nonce: request.nonce)
            // Not exit(), and nothing closed: the person is waiting for this.
            withExtendedLifetime(helper) { _exit(EXIT_SUCCESS) }
        } catch {
            // The module is gone, or never was one: nobody is left to tell.
            channel.finish()
            _exit(EXIT_FAILURE)
        }
    }

    /// The module's patience and the configuration's deadline both hold; the alarm is for what
    /// hangs where no time-out reaches.
    private static func bound(
        _ request: PAMRequest, by configuration: Configuration, _ channel: FrameChannel
    ) {
        let span = min(request.patience, configuration.pam.deadline)
        alarm(UInt32(clamping: span.wholeSeconds + 1))
        // Half a second, so that the verdict is out before the module gives up.
        channel.extendDeadline(milliseconds: max(500, span.milliseconds - 500))
    }

    /// Tells the administrator what is wrong with the configuration, as the least of users.
    private static func refuse(
        _ reason: String, over channel: FrameChannel, _ conversation: WireConversation
    ) throws -> Never {
        try ServiceUser.become("nobody")
        let request = try channel.readRequest()
        conversation.log(.critical, VisibleText.escape(reason, limit: 480))
        conversation.complain("Signing in by mail is set up wrongly. Tell your administrator.")
        try conversation.conclude(.misconfigured, nonce: request.nonce)
        _exit(EXIT_SUCCESS)
    }

    private static func configurationPath(in arguments: [String]) -> String? {
        guard arguments.count == 3, arguments[1] == "--config" else { return nil }
        return arguments[2]
    }

    private static func usage() -> Never {
        let text = """
            doorpost-pam is run by pam_doorpost.so, with a socket on descriptor 0; it is of no use \
            by hand. To try a sign-in: pamtester SERVICE USER authenticate. To look for what is \
            wrong: doorpost doctor.

            """
        _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
        _exit(2)
    }
}
