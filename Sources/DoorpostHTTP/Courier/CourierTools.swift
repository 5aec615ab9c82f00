package import DoorpostCore

/// What a courier works with. A reload hands over another set, with the same store.
package struct CourierTools: Sendable {
    /// Its store, clock and keys.
    package var flow: Flow
    package var mailer: any Mailer

    package init(flow: Flow, mailer: any Mailer) {
        self.flow = flow
        self.mailer = mailer
    }

    var delivery: Delivery { Delivery(store: flow.store, mailer: mailer, clock: flow.clock) }
}

/// How a courier works. The defaults are for a server.
package struct CourierPace: Sendable {
    /// Mails that are handed over at once.
    package var workers = 8
    /// Mails that are taken and not yet done with.
    package var capacity = 256
    /// From one look for due mails to the next.
    package var poll = Duration.seconds(1)
    package var purge = Duration.seconds(30)
    /// Between two steps of a purge: logins go first.
    package var purgePause = Duration.milliseconds(100)
    /// How long a shutdown waits for mails in hand.
    package var drain = Duration.seconds(20)

    package init() {}
}
