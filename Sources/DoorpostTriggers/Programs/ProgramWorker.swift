import DoorpostCore
import Synchronization

/// A thread that runs a program for events, one after the other.
final class ProgramWorker: Sendable {
    private let desk: ProgramDesk
    private let waker: Waker
    /// The event that was handed to it while it waited.
    private let inbox = Mutex<ProgramJob?>(nil)

    /// nil if there are no descriptors left.
    init?(_ desk: ProgramDesk) {
        guard let waker = Waker() else { return nil }
        self.desk = desk
        self.waker = waker
    }

    func receive(_ job: ProgramJob) { inbox.withLock { $0 = job } }

    func wake() { waker.wake() }

    private func received() -> ProgramJob? {
        inbox.withLock { job in
            defer { job = nil }
            return job
        }
    }

    /// Answers an event and then all that wait, a program after the other. Blocks.
    func work(on first: ProgramJob) {
        var job: ProgramJob? = first
        while let current = job {
            let left = run(for: current)
            job = left ?? desk.next(for: nil)
        }
    }

    /// Runs one program, for this event, and, if it is kept, for as many as it answers well.
    ///
    /// - Returns: an event that it was too late for: its program had ended.
    private func run(for job: ProgramJob) -> ProgramJob? {
        if job.isOver { return nil }
        job.isWith(waker)
        // From here, so that its start is part of its time.
        let deadline = ContinuousClock.now + limits.time
        let noise = StandardErrorLog(
            name: desk.start.program.path, limit: limits.noise, log: desk.log)
        let isKept = desk.start.program.runners > 0
        return SingleThread().run {
            var left: ProgramJob?
            do throws(ProgramFault) {
                try await self.desk.start.run(self.waker, noise: noise) { program in
                    if isKept {
                        left = self.keep(&program, for: job, until: deadline)
                    } else {
                        let result = self.runOnce(&program, for: job, until: deadline)
                        program.noise.finish()
                        // Before the answer is out: who waits for it may be a process that ends
                        // with it, and then nobody does.
                        program.kill()
                        job.finish(result)
                    }
                }
            } catch {
                job.finish(.failure(error))
            }
            return left
        }
    }

    private var limits: ProgramLimits { desk.start.limits }
}

// One event for one program.
extension ProgramWorker {
    private func runOnce(
        _ program: inout RunningProgram, for job: ProgramJob,
        until deadline: ContinuousClock.Instant
    ) -> ProgramJob.Result {
        program.send(Array(job.event.line.utf8) + [UInt8(ascii: "\n")], isLast: true)
        while !program.progress.hasExited {
            guard !job.isOver else { return .failure(.cancelled) }
            guard !program.hasFlooded else { return .failure(.flooded) }
            guard ContinuousClock.now < deadline else { return .failure(.hung) }
            program.wait(until: deadline)
        }
        if program.hasFlooded { return .failure(.flooded) }
        let output = program.takeOutput()
        if case .killed(let signal) = program.end { return .failure(.killed(signal: signal)) }
        guard program.end == .exited(0) else { return Self.judge(output, program.end, job) }
        return Self.answer(output, job)
    }

    /// The answer of a program that ended with an exit status: what its handler threw, if it says
    /// so; nothing else counts.
    private static func judge(_ output: [UInt8], _ end: ProgramEnd, _ job: ProgramJob)
        -> ProgramJob.Result
    {
        if case .success(.threw(let message)) = answer(output, job) {
            return .success(.threw(message))
        }
        guard case .exited(let status) = end else { return .failure(.nonsense("it ended")) }
        return .failure(.exited(status: status))
    }

    private static func answer(_ output: some Collection<UInt8>, _ job: ProgramJob)
        -> ProgramJob.Result
    {
        do {
            return .success(try ProgramAnswer(output, to: job.event))
        } catch {
            return .failure(error)
        }
    }
}

// A program that is kept, and answers events one line each.
extension ProgramWorker {
    /// - Returns: an event that it was too late for.
    private func keep(
        _ program: inout RunningProgram, for first: ProgramJob,
        until deadline: ContinuousClock.Instant
    ) -> ProgramJob? {
        var (job, deadline) = (first, deadline)
        while true {
            var next: ProgramJob?
            if job.isOver {
                // Its caller has gone before the program heard of it.
                next = desk.next(for: self)
            } else {
                job.isWith(waker)
                let result = answer(&program, job, until: deadline)
                program.noise.finish()
                let isSound = Self.isSound(result)
                // Free before the answer is out: whoever has it may ask again at once.
                if isSound { next = desk.next(for: self) } else { program.kill() }
                job.finish(result)
                guard isSound else { return nil }
            }
            guard let following = next ?? wait(&program) else { return nil }
            // What it wrote without being asked, or its end, came before this event did.
            guard isReady(&program) else { return following }
            (job, deadline) = (following, .now + limits.time)
        }
    }

    /// Whether a program can be believed to answer the next event, and no other.
    private static func isSound(_ result: ProgramJob.Result) -> Bool {
        switch result {
        case .success: true
        case .failure: false
        }
    }

    private func answer(
        _ program: inout RunningProgram, _ job: ProgramJob,
        until deadline: ContinuousClock.Instant
    ) -> ProgramJob.Result {
        program.send(Array(job.event.line.utf8) + [UInt8(ascii: "\n")], isLast: false)
        while true {
            guard !job.isOver else { return .failure(.cancelled) }
            if let end = program.progress.output.firstIndex(of: UInt8(ascii: "\n")) {
                let output = program.takeOutput()
                guard end == output.count - 1 else {
                    return .failure(.nonsense("it is more than one line"))
                }
                return Self.answer(output[..<end], job)
            }
            guard !program.hasFlooded else { return .failure(.flooded) }
            if program.progress.hasExited { return Self.early(&program, job) }
            guard ContinuousClock.now < deadline else { return .failure(.hung) }
            program.wait(until: deadline)
        }
    }

    /// It ended in the place of an answer.
    private static func early(_ program: inout RunningProgram, _ job: ProgramJob)
        -> ProgramJob.Result
    {
        switch program.end {
        case .killed(let signal): .failure(.killed(signal: signal))
        case .exited(0): .failure(.nonsense("it ended without one"))
        case .exited: judge(program.takeOutput(), program.end, job)
        }
    }

    /// Waits for the next event; reads what the program says to the log meanwhile.
    ///
    /// - Returns: nil if there is none to come, or the program is not to be used any more.
    private func wait(_ program: inout RunningProgram) -> ProgramJob? {
        while true {
            if let job = received() { return job }
            if desk.isClosed {
                dismiss(&program)
                return nil
            }
            let isUsable =
                !program.progress.hasExited && program.progress.output.isEmpty
                && !program.progress.hasClosedOutput
            if !isUsable, desk.leave(self) { return nil }
            program.wait(until: isUsable ? nil : .now)
        }
    }

    /// Whether it still runs, and has said nothing since its last answer.
    private func isReady(_ program: inout RunningProgram) -> Bool {
        program.wait(until: .now)
        return !program.progress.hasExited && program.progress.output.isEmpty
            && !program.progress.hasClosedOutput
    }

    /// Ends its input, and gives it some time to end by itself.
    private func dismiss(_ program: inout RunningProgram) {
        program.send([], isLast: true)
        let deadline = ContinuousClock.now + limits.farewell
        while !program.progress.hasExited, ContinuousClock.now < deadline {
            program.wait(until: deadline)
        }
    }
}
