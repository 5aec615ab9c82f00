extension PrometheusRegistry {
    /// What each of ``DoorMetrics`` is, for whoever reads the scrape.
    func describeDoor() {
        describe("doorpost_initiates_total", "Sign-ins asked for, by how that ended.")
        describe("doorpost_verifies_total", "Codes entered, by how that ended.")
        describe("doorpost_resends_total", "Mails asked for again, by how that ended.")
        describe("doorpost_refreshes_total", "Refresh tokens presented, by how that ended.")
        describe("doorpost_limits_hit_total", "Calls refused because a limit was used up.")
        describe("doorpost_mails_total", "Tries to hand a mail to the relay, by how they ended.")
        describe(
            "doorpost_mail_delivery_seconds", "How long the relay took to answer for a mail.",
            bounds: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20])
        describe(
            "doorpost_mail_wait_seconds", "From when a mail was queued until the relay had it.",
            bounds: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600])
        describe("doorpost_mail_queue", "Mails that wait or have failed.")
        describe("doorpost_mail_oldest_seconds", "Age of the mail that has waited longest.")
        describe("doorpost_addresses_bounced", "Users whose mail comes back.")
        describe(
            "doorpost_relay_up",
            "1 if the mail relay answers, 0 if not or if nobody has asked it yet.")
        describe(
            "doorpost_http_request_duration_seconds", "How long requests took to be answered.")
        describe("doorpost_http_connections", "Connections that are open.")
        describe(
            "doorpost_store_duration_seconds", "How long the store took to answer.",
            bounds: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5])
        describe("doorpost_build_info", "1; the version is in the label.")
    }
}
