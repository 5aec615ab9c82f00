import Subprocess
import SystemPackage

/// Starts programs: no shell, nothing of our environment, none of our descriptors, a session of
/// their own.
struct ProgramStart: Sendable {
    let program: TriggerProgram
    let limits: ProgramLimits
    /// Says why a program's file is not to be trusted, or nil.
    let distrust: @Sendable (String) -> String?

    /// Starts the program, has `body` speak with it, and buries it. `body` has seen to it that it
    /// ends.
    ///
    /// - Throws: ``ProgramFault``: it was not started, and `body` not called.
    func run(
        _ waker: Waker, noise: StandardErrorLog, _ body: (inout RunningProgram) -> Void
    ) async throws(ProgramFault) {
        if let reason = distrust(program.path) {
            throw .notStarted("\(program.path): \(reason)")
        }
        guard let input = Descriptor.pipe(), let output = Descriptor.pipe(),
            let errors = Descriptor.pipe()
        else { throw .notStarted("there are no descriptors left") }
        let theirs = [input.reading, output.writing, errors.writing]
        let pipes = ProgramPipes(
            input: input.writing, output: output.reading, errors: errors.reading)
        for end in [pipes.input, pipes.output, pipes.errors] { end.neverBlock() }
        let (limits, streams) = (limits, theirs.map { FileDescriptor(rawValue: $0.number) })
        do {
            _ = try await Subprocess.run(
                configuration,
                input: .fileDescriptor(streams[0], closeAfterSpawningProcess: false),
                output: .fileDescriptor(streams[1], closeAfterSpawningProcess: false),
                error: .fileDescriptor(streams[2], closeAfterSpawningProcess: false)
            ) { execution in
                // It has its own now, and would not see the end of ours.
                for end in theirs { end.close() }
                var program = RunningProgram(
                    pid: execution.processIdentifier.value,
                    process: execution.processIdentifier.processDescriptor, pipes: pipes,
                    waker: waker, limits: limits, noise: noise)
                body(&program)
                // Whatever it has left behind ends with it.
                program.kill()
            }
        } catch {
            throw .notStarted(Self.reason(error))
        }
    }

    private var configuration: Subprocess.Configuration {
        var options = PlatformOptions()
        options.createSession = true
        return Subprocess.Configuration(
            executable: .path(FilePath(program.path)),
            arguments: Arguments(Array(program.command.dropFirst())),
            environment: .custom(
                program.environment.map { name, value in Array("\(name)=\(value)".utf8) + [0] }),
            workingDirectory: "/", platformOptions: options)
    }

    private static func reason(_ error: any Error) -> String {
        guard let cause = (error as? SubprocessError)?.underlyingError else { return "\(error)" }
        return "it cannot be started: \(cause)"
    }
}
