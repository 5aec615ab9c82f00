import CLinux
import DoorpostCore
import DoorpostPAM
import DoorpostSetup
import Glibc

/// The courier process: hands over the one mail, writes down how it went, then tidies the store
/// while nobody waits.
struct Courier {
    /// Rows of each kind purged in the shadow of one login: more than one login leaves behind.
    private static let purgeBatch = 25

    private let configuration: Configuration

    init(_ configuration: Configuration) { self.configuration = configuration }

    func work(_ jobs: CourierJobs) {
        do {
            let mailer = try configuration.makeMailer(
                triggers: configuration.makeTriggers(log: SystemLog.note))
            // While the helper writes the challenge and the person reads the prompt.
            mailer.prepare()
            guard let job = jobs.next() else { return }
            let store = try configuration.openStore()
            if let mail = job.mail {
                deliver(mail, with: mailer, store, jobs)
            } else {
                probe(mailer, jobs)
            }
            try store.purge(now: SystemClock().now, limit: Self.purgeBatch)
        } catch {
            fail("\(error)", jobs)
        }
    }

    private func deliver(
        _ mail: PendingMail, with mailer: any Mailer, _ store: any Store, _ jobs: CourierJobs
    ) {
        let outcome = Delivery(store: store, mailer: mailer, clock: SystemClock()).deliver(mail)
        if let failure = outcome.failure {
            fail("\(mail.id): \(failure)", jobs)
        } else {
            jobs.report(.delivered)
        }
        if let error = outcome.unrecorded {
            log("\(mail.id): how it went could not be written down: \(error)")
        }
    }

    private func probe(_ mailer: any Mailer, _ jobs: CourierJobs) {
        do {
            try mailer.probe()
            jobs.report(.delivered)
        } catch {
            fail("\(error)", jobs)
        }
    }

    /// To the helper if it is still there, and to the system's log in any case.
    private func fail(_ reason: String, _ jobs: CourierJobs) {
        jobs.report(.failed(VisibleText.escape(reason, limit: 400)))
        log(reason)
    }

    private func log(_ text: String) {
        doorpost_linux_log(LOG_ERR, "mail: \(VisibleText.escape(text, limit: 400))")
    }
}
