import DoorpostCore
import DoorpostSetup

/// Whether the central Doorpost answers this machine, and has the same time.
enum CenterCheck {
    /// A code lives for minutes; a session file is good from when the center signed it.
    private static let clocksMayDiffer = Span.seconds(60)

    static func run(_ configuration: Configuration) -> [Finding] {
        let host = Administrator.hostName
        do {
            guard let url = configuration.centerURL,
                let center = try configuration.makeCenter(host: host)
            else { return [] }
            let theirs = try center.knock()
            return [
                .ok("server", "\(url) answers, and knows this machine as \(host)")
            ]
                + clock(theirs, ours: SystemClock().now)
        } catch let error as FlowError {
            return [.problem("server", error.detail, remedy(error))]
        } catch {
            return [.problem("server", "\(error)", "see above")]
        }
    }

    /// - Parameter theirs: the center's clock; nil if it does not say.
    static func clock(_ theirs: Timestamp?, ours: Timestamp) -> [Finding] {
        guard let theirs else { return [] }
        let difference = ours - theirs
        guard max(difference, theirs - ours) > clocksMayDiffer else {
            return [.ok("clock", "\(UTCTime(ours).isoText), as the center has it")]
        }
        let seconds = difference.milliseconds / 1000
        return [
            .problem(
                "clock",
                "this machine's clock is \(abs(seconds)) s \(seconds > 0 ? "ahead of" : "behind") "
                    + "the center's",
                "set the clock; run: timedatectl set-ntp true")
        ]
    }

    private static func remedy(_ error: FlowError) -> String {
        error.code == .hostRefused
            ? "run 'doorpost host list' on the center; this machine calls itself "
                + "\(VisibleText.escape(Administrator.hostName, limit: 64))"
            : "nobody signs in by mail here until it answers"
    }
}
