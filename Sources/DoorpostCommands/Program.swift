import ArgumentParser

/// The `doorpost` program: parses, runs, reports, and says how it ended.
package enum Program {
    /// Also in the file VERSION, from which packages are made; `make lint` compares them.
    package static let version = "0.1.0"

    /// Runs one command line (without the program's name) and returns its exit code.
    package static func run(_ arguments: [String]) async -> Int32 {
        do {
            var command = try DoorpostCommand.parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return ExitStatus.done.rawValue
        } catch {
            return report(error).rawValue
        }
    }

    private static func report(_ error: any Error) -> ExitStatus {
        // The parser's own: help and version end well, anything else was typed wrongly.
        if isParsers(error) {
            let text = DoorpostCommand.fullMessage(for: error)
            guard DoorpostCommand.exitCode(for: error).isSuccess else {
                Output.note(text)
                return .usage
            }
            do {
                try Output.line(text)
                return .done
            } catch {
                return report(error)
            }
        }
        Output.note("doorpost: \(ErrorText.of(error))")
        return ExitStatus(error)
    }

    private static func isParsers(_ error: any Error) -> Bool {
        let code = DoorpostCommand.exitCode(for: error)
        return code.isSuccess || code == .validationFailure
    }
}
