import DoorpostCore

/// The mails that a courier has taken and not yet done with.
struct MailsInHand {
    /// What became of ``take(_:)``.
    enum Admission {
        case taken
        /// Taken before, and not to be sent again: it is under way, or the store has not been
        /// told yet how it went. If it still waits, it does so with the newer claim.
        case known
        /// No room, or the courier stops. Whoever finds the mail when its claim ends has it.
        case refused
    }

    private let capacity: Int
    private var waiting: [PendingMail] = []
    private var running: Set<MailID> = []
    private var unrecorded: Set<MailID> = []
    private(set) var isClosed = false

    init(capacity: Int) { self.capacity = capacity }

    /// How many more would be taken.
    var room: Int {
        let taken = waiting.count + running.count + unrecorded.count
        return isClosed ? 0 : max(capacity - taken, 0)
    }

    var isIdle: Bool { waiting.isEmpty && running.isEmpty }

    mutating func take(_ mail: PendingMail) -> Admission {
        if let index = waiting.firstIndex(where: { $0.id == mail.id }) {
            waiting[index] = mail
            return .known
        }
        if running.contains(mail.id) || unrecorded.contains(mail.id) { return .known }
        guard room > 0 else { return .refused }
        waiting.append(mail)
        return .taken
    }

    /// The mail that has waited longest; it counts as running until ``done(_:)``.
    mutating func next() -> PendingMail? {
        guard !waiting.isEmpty else { return nil }
        let mail = waiting.removeFirst()
        running.insert(mail.id)
        return mail
    }

    /// It went out, or did not; `isRecorded` if the store knows.
    mutating func done(_ id: MailID, isRecorded: Bool) {
        running.remove(id)
        if !isRecorded { unrecorded.insert(id) }
    }

    /// The store knows by now, or will never know.
    mutating func recorded(_ id: MailID) { unrecorded.remove(id) }

    /// Takes nothing from now on.
    ///
    /// - Returns: what was waiting.
    mutating func close() -> [PendingMail] {
        isClosed = true
        defer { waiting = [] }
        return waiting
    }
}
