import DoorpostCore
import DoorpostTriggers

extension Configuration {
    /// The programs at the points of the flow, as `triggers:` writes them; none if none is set.
    var triggerValue: Setting.Value {
        let set = TriggerPoint.allCases.compactMap { point in
            triggers.programs[point].map {
                Setting(key: point.rawValue, value: value($0, at: point))
            }
        }
        return set.isEmpty ? .none : .section(set)
    }

    private func value(_ program: TriggerProgram, at point: TriggerPoint) -> Setting.Value {
        var settings = [Setting(key: "command", value: .list(program.command))]
        if !program.environment.isEmpty {
            let variables = program.environment.sorted { $0.key < $1.key }
            settings.append(
                Setting(
                    key: "environment",
                    value: .section(variables.map { Setting(key: $0.key, value: .text($0.value)) }))
            )
        }
        if program.runners > 0 {
            settings.append(Setting(key: "runners", value: .number(program.runners)))
        }
        if point == .preTokenGeneration {
            settings.append(Setting(key: "version", value: .number(triggers.tokenVersion)))
        }
        return .section(settings)
    }
}
