import Synchronization

/// Runs one program for events: once for each, or some that are kept.
///
/// Every program that runs has a thread of ours that speaks with it (``ProgramWorker``). When the
/// pool is given up, kept programs end after the events that they have in hand.
final class ProgramPool: Sendable {
    private let desk: ProgramDesk

    init(_ start: ProgramStart, log: @escaping @Sendable (String) -> Void) {
        desk = ProgramDesk(start, log: log)
    }

    deinit { desk.close() }

    /// Has the program answer an event.
    func answer(_ event: TriggerEvent) async throws(ProgramFault) -> ProgramAnswer {
        let job = ProgramJob(event, patience: desk.start.limits.patience)
        desk.add(job)
        return try await job.result().get()
    }
}

/// Where events wait, and workers fetch them.
final class ProgramDesk: Sendable {
    private struct State {
        var waiting: [ProgramJob] = []
        /// Workers that have a program and nothing to do.
        var idle: [ProgramWorker] = []
        var workers = 0
        var isClosed = false
    }

    let start: ProgramStart
    let log: @Sendable (String) -> Void
    private let state = Mutex(State())

    init(_ start: ProgramStart, log: @escaping @Sendable (String) -> Void) {
        self.start = start
        self.log = log
    }

    private enum Step {
        case give(ProgramWorker)
        case hire
        case wait
        case refuse(ProgramFault)
    }

    func add(_ job: ProgramJob) {
        let most = start.program.runners == 0 ? start.limits.atOnce : start.program.runners
        let step: Step = state.withLock { state in
            if let worker = state.idle.popLast() {
                worker.receive(job)
                return .give(worker)
            }
            if state.workers < most {
                state.workers += 1
                return .hire
            }
            guard state.waiting.count < start.limits.waiting else { return .refuse(.busy) }
            state.waiting.append(job)
            return .wait
        }
        switch step {
        case .give(let worker): worker.wake()
        case .hire: hire(for: job)
        case .wait: break
        case .refuse(let fault): job.finish(.failure(fault))
        }
    }

    private func hire(for job: ProgramJob) {
        guard let worker = ProgramWorker(self), WorkerThread.start({ worker.work(on: job) }) else {
            // Those that wait do so for a worker that is there; without one they would for ever.
            let stranded = state.withLock { state in
                state.workers -= 1
                guard state.workers == 0 else { return [] as [ProgramJob] }
                defer { state.waiting = [] }
                return state.waiting
            }
            for job in [job] + stranded {
                job.finish(.failure(.notStarted("there is no room for another thread")))
            }
            return
        }
    }

    /// The next event, for a worker that has none in hand.
    ///
    /// - Parameter worker: waits for one if there is none, and has a program that runs; with nil,
    ///   a worker without events is not needed any more.
    /// - Returns: nil if there is none.
    func next(for worker: ProgramWorker?) -> ProgramJob? {
        let (job, late) = state.withLock { state in
            var late: [ProgramJob] = []
            while !state.waiting.isEmpty {
                let job = state.waiting.removeFirst()
                if job.isOver { continue }
                if job.waitsUntil > .now { return (job as ProgramJob?, late) }
                late.append(job)
            }
            if let worker, !state.isClosed {
                state.idle.append(worker)
            } else if worker == nil {
                state.workers -= 1
            }
            return (nil, late)
        }
        for job in late { job.finish(.failure(.busy)) }
        return job
    }

    /// A worker's program has ended while nothing was to do.
    ///
    /// - Returns: whether it was still waiting: if not, there is an event for it.
    func leave(_ worker: ProgramWorker) -> Bool {
        state.withLock { state in
            guard let place = state.idle.firstIndex(where: { $0 === worker }) else { return false }
            state.idle.remove(at: place)
            return true
        }
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Nothing more will come.
    func close() {
        let idle = state.withLock { state in
            state.isClosed = true
            defer { state.idle = [] }
            return state.idle
        }
        for worker in idle { worker.wake() }
    }
}
