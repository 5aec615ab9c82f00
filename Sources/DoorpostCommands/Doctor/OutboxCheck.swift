import DoorpostCore

/// Mails that did not reach anybody.
enum OutboxCheck {
    static func findings(_ statistics: MailStatistics) -> [Finding] {
        var findings: [Finding] = []
        if statistics.failed > 0 {
            findings.append(
                .warning(
                    "outbox",
                    "\(count(statistics.failed, "mail")) could not be sent in the last week",
                    "see what the relay said: doorpost mail queue"))
        }
        if statistics.bouncedAddresses > 0 {
            findings.append(
                .warning(
                    "bounces",
                    "mail to \(count(statistics.bouncedAddresses, "user")) came back, so no code "
                        + "is mailed there",
                    "see doorpost mail queue; then: doorpost user set WHO --email ADDRESS, or "
                        + "--clear-bounce if the address is right"))
        }
        return findings
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }
}
