import DoorpostCore
import DoorpostSetup

/// Whether the programs of `triggers:` would be started. Runs none.
enum TriggersCheck {
    static func run(_ configuration: Configuration) -> [Finding] {
        configuration.triggerEntries().map { entry in
            let what = "\(entry.point.rawValue): \(entry.command[0])"
            guard let fault = entry.fault else { return .ok("triggers", "\(what) is safe") }
            let parts = fault.text.split(separator: "; run: ", maxSplits: 1)
            return .problem(
                "triggers", "\(what): \(parts[0])",
                parts.count == 2 ? "run: \(parts[1])" : "correct it, or 'triggers' in the file")
        }
    }
}
