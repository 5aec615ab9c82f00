import CLinux
package import DoorpostCore
import Glibc

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A child process that hands the mail over while the helper prompts.
///
/// A process, not a thread: the helper must end the moment the verdict is known, and the mail
/// must go out even if the person pressed Ctrl-C. It is forked before the helper opens the store
/// or has a second thread, so that it shares nothing with it, and loads libcurl while the helper
/// works. When the helper ends it is nobody's child: the host program never sees it.
package final class CourierProcess: MailCourier {
    private let jobs: Int32
    private let reports: Int32
    private var known = CourierProgress.underway

    private init(jobs: Int32, reports: Int32) {
        self.jobs = jobs
        self.reports = reports
    }

    /// Seconds after which a courier that hangs is ended.
    private static let lifetime: UInt32 = 90

    /// Forks the courier.
    ///
    /// - Parameters:
    ///   - channel: the descriptor of the module's socket, which the child must not keep open.
    ///   - work: runs in the child, which ends after it.
    /// - Returns: nil if the system has no room for another process.
    package static func start(
        closing channel: Int32, work: (CourierJobs) -> Void
    ) -> CourierProcess? {
        var jobPipe: [Int32] = [-1, -1]
        var reportPipe: [Int32] = [-1, -1]
        guard doorpost_linux_pipe(&jobPipe) == 0 else { return nil }
        guard doorpost_linux_pipe(&reportPipe) == 0 else {
            jobPipe.forEach { close($0) }
            return nil
        }
        let child = doorpost_linux_fork()
        if child == 0 {
            close(channel)
            close(jobPipe[1])
            close(reportPipe[0])
            // The mailer's time-outs bound the work; this is for what they forget.
            alarm(lifetime)
            signal(SIGPIPE, SIG_IGN)
            work(CourierJobs(jobs: jobPipe[0], reports: reportPipe[1]))
            _exit(0)
        }
        close(jobPipe[0])
        close(reportPipe[1])
        guard child > 0 else {
            close(jobPipe[1])
            close(reportPipe[0])
            return nil
        }
        return CourierProcess(jobs: jobPipe[1], reports: reportPipe[0])
    }

    package func dispatch(_ mail: PendingMail?) {
        do {
            let job = try JSONEncoder().encode(
                CourierJob(id: mail?.id.text, message: mail?.message))
            guard Pipe.write(Array(job), to: jobs) else {
                known = .failed("the courier process is gone")
                return
            }
        } catch {
            known = .failed("the mail could not be encoded")
        }
        close(jobs)
    }

    package var progress: CourierProgress {
        guard known == .underway else { return known }
        var entry = pollfd(fd: reports, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, 0) > 0 else { return .underway }
        let report = Pipe.readAll(from: reports)
        known =
            report == [CourierJobs.deliveredMark]
            ? .delivered
            : .failed(
                report.isEmpty
                    ? "the courier process died" : String(decoding: report, as: UTF8.self))
        return known
    }
}

/// The child's side: takes the one job, reports how it went.
package struct CourierJobs {
    static let deliveredMark = UInt8(ascii: "\n")

    fileprivate let jobs: Int32
    fileprivate let reports: Int32

    /// Waits for the job.
    ///
    /// - Returns: nil if there is none: nothing was to be mailed.
    package func next() -> CourierJob? {
        let bytes = Pipe.readAll(from: jobs)
        guard !bytes.isEmpty else { return nil }
        do {
            return try JSONDecoder().decode(CourierJob.self, from: Data(bytes))
        } catch {
            return nil
        }
    }

    /// Tells the helper, if it is still there.
    package func report(_ progress: CourierProgress) {
        switch progress {
        case .underway: return
        case .delivered: _ = Pipe.write([Self.deliveredMark], to: reports)
        case .failed(let reason): _ = Pipe.write(Array(reason.utf8.prefix(400)), to: reports)
        }
        close(reports)
    }
}

/// What the courier is to do: hand over a mail, or with none just knock.
package struct CourierJob: Codable {
    package var id: String?
    package var message: MailMessage?

    /// The mail, if there is one.
    package var mail: PendingMail? {
        guard let id, let message else { return nil }
        return PendingMail(id: MailID(id), message: message)
    }
}
