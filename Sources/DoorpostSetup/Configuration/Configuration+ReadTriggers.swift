import DoorpostCore
import DoorpostTriggers
import Yams

/// The section that names programs.
extension Configuration {
    static func readTriggers(_ section: Section) -> TriggerSection {
        var triggers = TriggerSection.none
        for point in TriggerPoint.allCases {
            guard let node = section.node(point.rawValue) else { continue }
            if node.mapping == nil {
                triggers.programs[point] = section.file(point.rawValue).map {
                    TriggerProgram(command: [$0])
                }
            } else {
                let program = section.section(point.rawValue)
                triggers.programs[point] = readProgram(program)
                if point == .preTokenGeneration {
                    triggers.tokenVersion = program.count("version", default: 1, in: 1...2)
                }
                program.finish()
            }
        }
        checkPair(.createAuthChallenge, .verifyAuthChallengeResponse, section)
        checkPair(.verifyAuthChallengeResponse, .createAuthChallenge, section)
        section.finish()
        return triggers
    }

    /// Who asks must also say what is right.
    private static func checkPair(_ set: TriggerPoint, _ other: TriggerPoint, _ section: Section) {
        guard section.has(set.rawValue), !section.has(other.rawValue) else { return }
        section.note(
            set.rawValue, "needs \(other.rawValue), too: one asks, the other says what is right")
    }

    private static func readProgram(_ section: Section) -> TriggerProgram? {
        var command = section.list("command", default: []) { $0 }
        if !section.has("command") {
            section.note("command", "must be set: the program and its arguments, in a list")
        }
        if let program = command.first { command[0] = section.reader.resolve(program) }
        let environment = section.texts("environment") { name throws(ValueError) in
            let isName = name.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5a).contains($0)
                    || (0x61...0x7a).contains($0) || $0 == UInt8(ascii: "_")
            }
            guard isName, name.first?.isNumber == false else {
                throw ValueError("is not the name of a variable (letters, digits and _)")
            }
        }
        let runners = section.count(
            "runners", default: 0, in: 1...32, why: "leave it out for one program an event")
        guard !command.isEmpty else { return nil }
        return TriggerProgram(command: command, environment: environment, runners: runners)
    }
}
