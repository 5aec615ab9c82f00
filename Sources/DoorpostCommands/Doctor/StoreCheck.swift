import DoorpostCore
import DoorpostSetup

/// Whether the store can be used, what waits in it, and whether its times fit the clock.
enum StoreCheck {
    static func run(_ configuration: Configuration) -> [Finding] {
        let store: any Store
        do {
            store = try configuration.checkStore()
        } catch {
            return [.problem("store", error.detail, "")]
        }
        let state =
            switch configuration.store {
            case .sqlite: "is whole and can be written"
            case .postgres: "has our tables and can be written"
            }
        var findings = [Finding.ok("store", "\(configuration.store) \(state)")]
        do {
            findings += OutboxCheck.findings(try store.mailStatistics())
            findings.append(try clock(store))
            let hosts = try store.hosts().count { $0.revokedAt == nil }
            if hosts > 0 {
                findings.append(
                    .ok(
                        "hosts",
                        "\(hosts) \(hosts == 1 ? "machine asks" : "machines ask") this Doorpost"))
            }
            if try store.users(after: nil, limit: 1).isEmpty {
                findings.append(
                    .warning(
                        "users", "nobody is in the pool",
                        "run: doorpost user add EMAIL --login NAME"))
            }
        } catch {
            findings.append(.problem("store", (error as? StoreError)?.detail ?? "\(error)", ""))
        }
        return findings
    }

    /// A clock that went back makes codes live long and tokens come from the future.
    private static func clock(_ store: any Store) throws -> Finding {
        let now = SystemClock().now
        let newest = try store.auditTrail(AuditQuery(limit: 1)).last?.event.at
        let isSane =
            now > Timestamp(seconds: 1_767_225_600)
            && (newest.map { $0 < now + .minutes(5) } ?? true)
        return isSane
            ? .ok("clock", "\(UTCTime(now).isoText), not before anything that was recorded")
            : .problem(
                "clock", "\(UTCTime(now).isoText) is before what was recorded or built",
                "set the clock; run: timedatectl set-ntp true")
    }
}
