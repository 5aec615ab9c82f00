import Glibc

/// The parent's side of a program that runs: its pipes, its end, and whoever wakes us.
///
/// Used by one thread, which may block.
struct RunningProgram {
    /// What has happened so far.
    struct Progress {
        /// Bytes of standard output that nobody has taken.
        var output: [UInt8] = []
        var hasClosedOutput = false
        var hasExited = false
    }

    /// Without a descriptor for the process (Linux before 5.4) its end is looked for this often.
    private static let glance: Int32 = 20

    let pid: pid_t
    private let process: Int32
    private let pipes: ProgramPipes
    private let waker: Waker
    private let limits: ProgramLimits
    private var sending: ArraySlice<UInt8> = []
    private var closesWhenSent = false
    private(set) var progress = Progress()
    var noise: StandardErrorLog

    init(
        pid: pid_t, process: Int32, pipes: ProgramPipes, waker: Waker, limits: ProgramLimits,
        noise: StandardErrorLog
    ) {
        self.pid = pid
        self.process = process
        self.pipes = pipes
        self.waker = waker
        self.limits = limits
        self.noise = noise
    }

    /// Sends bytes while it waits.
    ///
    /// - Parameter isLast: its standard input ends after them.
    mutating func send(_ bytes: [UInt8], isLast: Bool) {
        sending = bytes[...]
        closesWhenSent = isLast
        if isLast, bytes.isEmpty { pipes.input.close() }
    }

    /// Takes what it has written so far.
    mutating func takeOutput() -> [UInt8] {
        defer { progress.output = [] }
        return progress.output
    }

    var hasFlooded: Bool { progress.output.count > limits.answer }

    /// Waits until something happens, or the time has come; nil waits for ever.
    mutating func wait(until deadline: ContinuousClock.Instant?) {
        var entries = [
            pollfd(
                fd: sending.isEmpty ? -1 : pipes.input.number, events: Int16(POLLOUT), revents: 0),
            pollfd(fd: pipes.output.number, events: Int16(POLLIN), revents: 0),
            pollfd(fd: pipes.errors.number, events: Int16(POLLIN), revents: 0),
            pollfd(fd: waker.descriptor.number, events: Int16(POLLIN), revents: 0),
            pollfd(fd: process, events: Int16(POLLIN), revents: 0),
        ]
        guard poll(&entries, nfds_t(entries.count), milliseconds(until: deadline)) >= 0 else {
            return
        }
        if entries[3].revents != 0 { waker.clear() }
        if entries[0].revents != 0 { write() }
        if entries[1].revents != 0 { readOutput() }
        if entries[2].revents != 0 { readErrors() }
        if entries[4].revents != 0 || process < 0, exitStatus() != nil {
            // What it wrote before it ended is there by now.
            readOutput()
            readErrors()
            progress.hasExited = true
        }
    }

    private func milliseconds(until deadline: ContinuousClock.Instant?) -> Int32 {
        var wait: Int32 = -1
        if let deadline {
            let rest = ContinuousClock.now.duration(to: deadline)
            // Rounded up: to wake too early is to wait again.
            wait = rest <= .zero ? 0 : Int32(clamping: Int64(rest / .milliseconds(1)) + 1)
        }
        guard process < 0 else { return wait }
        return wait < 0 ? Self.glance : min(wait, Self.glance)
    }

    /// A program that reads no input has not done wrong: many need none.
    private mutating func write() {
        let count = sending.withUnsafeBytes {
            Glibc.write(pipes.input.number, $0.baseAddress, $0.count)
        }
        if count > 0 {
            sending = sending.dropFirst(count)
        } else if errno != EAGAIN, errno != EINTR {
            sending = []
        }
        if sending.isEmpty, closesWhenSent { pipes.input.close() }
    }

    private mutating func readOutput() {
        guard !progress.hasClosedOutput else { return }
        // One more than an answer may hold shows that it is too much.
        let isOpen = Self.drain(pipes.output.number) { bytes in
            progress.output += bytes.prefix(limits.answer + 1 - progress.output.count)
            return !hasFlooded
        }
        guard !isOpen else { return }
        pipes.output.close()
        progress.hasClosedOutput = true
    }

    private mutating func readErrors() {
        // A little at a time: who writes without end must not keep us here.
        var turns = 16
        let isOpen = Self.drain(pipes.errors.number) { bytes in
            noise.append(bytes)
            turns -= 1
            return turns > 0
        }
        if !isOpen { pipes.errors.close() }
    }

    /// Reads all that is there, as long as `take` wants more.
    ///
    /// - Returns: whether more may come.
    private static func drain(_ descriptor: Int32, _ take: (ArraySlice<UInt8>) -> Bool) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count > 0 {
                if !take(buffer[..<count]) { return true }
            } else if count == 0 {
                return false
            } else if errno != EINTR {
                return errno == EAGAIN
            }
        }
    }

    /// How it ended, if it has; it is left for whoever started it to be buried.
    private func exitStatus() -> ProgramEnd? {
        var info = siginfo_t()
        guard waitid(P_PID, id_t(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0,
            info.si_signo == SIGCHLD
        else { return nil }
        let status = info._sifields._sigchld.si_status
        return info.si_code == Int32(CLD_EXITED) ? .exited(status) : .killed(status)
    }

    /// How it ended. Only after ``Progress/hasExited``.
    var end: ProgramEnd { exitStatus() ?? .exited(0) }

    /// Kills it, and all that it has started and not sent away. Only while it is not buried: its
    /// number is its own until then.
    func kill() { _ = Glibc.kill(-pid, SIGKILL) }
}

/// How a program ended.
enum ProgramEnd: Hashable, Sendable {
    case exited(Int32)
    case killed(Int32)
}

/// Our ends of a program's standard streams.
struct ProgramPipes {
    var input: Descriptor
    var output: Descriptor
    var errors: Descriptor
}
