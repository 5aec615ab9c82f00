import DoorpostCore
import Synchronization

/// What the relay answered and the store could not be told yet.
final class UnrecordedMails: Sendable {
    private struct Entry {
        var mail: PendingMail
        var outcome: Delivery.Outcome
        var since: Span
    }

    /// By then the code in the mail is dead, or the store has other troubles.
    static let patience = Span.hours(1)

    private let entries = Mutex<[MailID: Entry]>([:])
    private let uptime: any Uptime

    init(uptime: any Uptime) { self.uptime = uptime }

    func add(_ mail: PendingMail, _ outcome: Delivery.Outcome) {
        let entry = Entry(mail: mail, outcome: outcome, since: uptime.now)
        entries.withLock { $0[mail.id] = entry }
    }

    /// Tells the store, as far as it listens.
    ///
    /// - Returns: the mails of which it was told, and those of which it never will be.
    func record(with delivery: Delivery) -> (recorded: [MailID], lost: [MailID]) {
        var recorded: [MailID] = []
        for (id, entry) in entries.withLock({ $0 }) {
            do {
                try delivery.record(entry.outcome, of: entry.mail)
                entries.withLock { $0[id] = nil }
                recorded.append(id)
            } catch {
                // The others will not fare better now.
                break
            }
        }
        let now = uptime.now
        let lost = entries.withLock { entries in
            let lost = entries.filter { now - $0.value.since > Self.patience }.map(\.key)
            for id in lost { entries[id] = nil }
            return lost
        }
        return (recorded, lost)
    }
}
