import DoorpostCore
import Glibc
import Testing

@testable import DoorpostTriggers

@Suite("Programs that are kept running")
struct RunnerTests {
    private let workshop: Workshop

    init() throws { workshop = try Workshop() }

    /// Answers every line as `body` says, with the number of the process as metadata.
    private func runner(_ body: String = "pass") throws -> String {
        let lines = body.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")
        return try workshop.python(
            """
            count = 0
            for line in sys.stdin:
                event = json.loads(line)
                count += 1
                name = event["request"]["challengeName"]
                event["response"]["challengeMetadata"] = "%d %d %s" % (os.getpid(), count, name)
            \(lines)
                answer(event)
            """)
    }

    private struct Said: Equatable {
        var pid: pid_t
        var count: Int
        var name: String
    }

    private func ask(_ triggers: ProgramTriggers, _ name: String = "A") async throws -> Said {
        let metadata = try await triggers.create(.ann, name: name, rounds: []).metadata
        let parts = try #require(metadata).split(separator: " ")
        return Said(
            pid: try #require(pid_t(parts[0])), count: try #require(Int(parts[1])),
            name: String(parts[2]))
    }

    private func isGone(_ pid: pid_t) -> Bool { kill(pid, 0) != 0 && errno == ESRCH }

    @Test("answer one event after the other")
    func keeps() async throws {
        let triggers = workshop.everywhere(try runner(), runners: 3)
        let first = try await ask(triggers)
        for count in 2...20 {
            #expect(
                try await ask(triggers, "N\(count)")
                    == Said(pid: first.pid, count: count, name: "N\(count)"))
        }
    }

    @Test("serve all points at which the same is set, as one")
    func shared() async throws {
        let file = try workshop.python(
            """
            for line in sys.stdin:
                event = json.loads(line)
                response = event["response"]
                if "challengeName" in response: response["challengeName"] = "P%d" % os.getpid()
                else: response["challengeMetadata"] = "P%d" % os.getpid()
                answer(event)
            """)
        let same = TriggerProgram(command: [file], runners: 1)
        let triggers = workshop.triggers([
            .defineAuthChallenge: same, .createAuthChallenge: same,
            .postConfirmation: TriggerProgram(command: [file], environment: ["A": "b"], runners: 1),
        ])
        let metadata = try await triggers.create(.ann, name: "A", rounds: []).metadata
        #expect(try await triggers.define(.ann, rounds: []) == .ask(try #require(metadata)))
    }

    @Test("are as many as are needed, and no more than are allowed")
    func many() async throws {
        var limits = ProgramLimits()
        limits.patience = .seconds(600)
        limits.time = .seconds(600)
        let file = try runner(
            """
            open('\(workshop.path)/at%d' % os.getpid(), 'w').close()
            while not os.path.exists('\(workshop.path)/go'): time.sleep(0.01)
            """)
        let triggers = workshop.everywhere(file, runners: 3, limits: limits)
        let said = try await withThrowingTaskGroup(of: Said.self) { group in
            for index in 0..<9 { group.addTask { try await ask(triggers, "N\(index)") } }
            #expect(await eventually { workshop.names.count { $0.hasPrefix("at") } == 3 })
            try workshop.write("", to: "go")
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(said.map(\.name)).count == 9)
        #expect(Set(said.map(\.pid)).count == 3)
    }

    @Test("give each event its own answer, however many there are")
    func crossed() async throws {
        let triggers = workshop.everywhere(try runner(), runners: 4)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<400 {
                group.addTask {
                    let said = try await ask(triggers, "N\(index)")
                    #expect(said.name == "N\(index)")
                }
            }
            try await group.waitForAll()
        }
    }

    @Test(
        "that do wrong are killed, and others started",
        arguments: [
            ("time.sleep(1000)", TriggerError.Fault.failed),
            ("os.kill(os.getpid(), signal.SIGKILL)", .failed),
            ("sys.exit(4)", .refused), ("sys.exit(0)", .badAnswer),
            ("sys.stdout.write('x' * 100000)", .badAnswer),
            ("print('{'); sys.stdout.flush()", .badAnswer),
            (
                "sys.stdout.write(json.dumps(event) + '\\n' + json.dumps(event) + '\\n'); sys.stdout.flush(); time.sleep(1000)",
                .badAnswer
            ),
            ("event['userName'] = 'eve@example.org'", .badAnswer),
            ("os.close(1); time.sleep(1000)", .failed),
        ])
    func wrong(_ deed: String, _ fault: TriggerError.Fault) async throws {
        let file = try runner("if name == 'BAD':\n    \(deed)")
        let triggers = workshop.everywhere(
            file, runners: 1, limits: .time(.milliseconds(1500)))
        let first = try await ask(triggers)
        let error = await #expect(throws: TriggerError.self) {
            try await triggers.create(.ann, name: "BAD", rounds: [])
        }
        #expect(error?.fault == fault, "\(String(describing: error))")
        #expect(await eventually { isGone(first.pid) })
        let second = try await ask(triggers, "NEXT")
        #expect(second.pid != first.pid)
        #expect(second.name == "NEXT")
    }

    @Test("that throw, or answer with wrong members, go on")
    func refusing() async throws {
        let file = try runner(
            """
            if name == 'THROW': event = {"errorMessage": "no"}
            if name == 'WRONG': event["response"]["challengeMetadata"] = 1
            """)
        let triggers = workshop.everywhere(file, runners: 1)
        let first = try await ask(triggers)
        for (name, fault) in [("THROW", TriggerError.Fault.refused), ("WRONG", .badAnswer)] {
            let error = await #expect(throws: TriggerError.self) {
                try await triggers.create(.ann, name: name, rounds: [])
            }
            #expect(error?.fault == fault)
        }
        #expect(try await ask(triggers) == Said(pid: first.pid, count: 4, name: "A"))
    }

    @Test("whose answer comes too late are not there to be read any more")
    func late() async throws {
        let file = try runner("if name == 'LATE': time.sleep(0.5)")
        let triggers = workshop.everywhere(file, runners: 1, limits: .time(.milliseconds(300)))
        for _ in 0..<3 {
            _ = try? await triggers.create(.ann, name: "LATE", rounds: [])
            var limits = 0
            // Its successor may need longer to start than it is given here.
            while limits < 20, (try? await ask(triggers, "B")) == nil { limits += 1 }
            #expect(try await ask(triggers, "A").name == "A")
        }
    }

    @Test("that say something unasked are not asked any more, and no event is lost by it")
    func unasked() async throws {
        let file = try workshop.python(
            """
            for line in sys.stdin:
                event = json.loads(line)
                event["response"]["challengeMetadata"] = "%d 1 %s" % (
                    os.getpid(), event["request"]["challengeName"])
                answer(event)
                if event["request"]["challengeName"] == "TWICE":
                    while not os.path.exists("\(workshop.path)/go"): time.sleep(0.01)
                    answer(event)
            """)
        let triggers = workshop.everywhere(file, runners: 1)
        let first = try await ask(triggers, "TWICE")
        try workshop.write("", to: "go")
        #expect(await eventually { isGone(first.pid) })
        #expect(try await ask(triggers, "NEXT").name == "NEXT")
    }

    @Test("that died while nothing was to do are replaced without a fault")
    func diedIdle() async throws {
        let file = try workshop.shell(
            #"while read -r x; do echo "{\"response\":{\"challengeMetadata\":\"$$ 1 A\"}}"; done"#)
        let triggers = workshop.everywhere(file, runners: 1)
        var last = try await ask(triggers)
        // Often, so that the next event comes both before and after anybody has noticed.
        for _ in 0..<150 {
            kill(last.pid, SIGKILL)
            var info = siginfo_t()
            _ = waitid(P_PID, id_t(last.pid), &info, WEXITED | WNOWAIT)
            let next = try await ask(triggers)
            #expect(next.pid != last.pid)
            last = next
        }
    }

    @Test("end after the event in hand when they are given up, and with their input")
    func givenUp() async throws {
        let file = try runner("if name == 'SLOW': time.sleep(0.4)")
        var triggers: ProgramTriggers? = workshop.everywhere(file, runners: 2)
        let first = try await ask(try #require(triggers))
        let task = Task { [triggers] in try await ask(try #require(triggers), "SLOW") }
        await Task.yield()
        triggers = nil
        #expect(try await task.value.name == "SLOW")
        #expect(await eventually { isGone(first.pid) })
    }

    @Test("that do not end by themselves when they are given up are killed")
    func stubborn() async throws {
        let file = try workshop.python(
            """
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            event = json.loads(sys.stdin.readline())
            event["response"]["challengeMetadata"] = "%d 1 A" % os.getpid()
            answer(event)
            time.sleep(1000)
            """)
        var limits = ProgramLimits()
        limits.farewell = .milliseconds(200)
        var triggers: ProgramTriggers? = workshop.everywhere(file, runners: 1, limits: limits)
        let first = try await ask(try #require(triggers))
        triggers = nil
        #expect(await eventually { isGone(first.pid) })
    }

    @Test("are killed when nobody waits for their answer any more")
    func cancelled() async throws {
        let file = try runner(
            "if name == 'HANG':\n    open('\(workshop.path)/at', 'w').close()\n    time.sleep(1000)"
        )
        // Time enough that it is not that which kills.
        let triggers = workshop.everywhere(file, runners: 1, limits: .time(.seconds(60)))
        let first = try await ask(triggers)
        let task = Task { try await ask(triggers, "HANG") }
        #expect(await eventually { workshop.text(of: "at") != nil })
        task.cancel()
        await #expect(throws: TriggerError.self) { try await task.value }
        #expect(await eventually { isGone(first.pid) })
        #expect(try await ask(triggers, "NEXT").name == "NEXT")
    }

    @Test("say to the log what they say beside, each time as much")
    func noise() async throws {
        let triggers = workshop.everywhere(
            try runner("sys.stderr.write(name + '\\n'); sys.stderr.flush()"), runners: 1)
        _ = try await ask(triggers, "ONE")
        _ = try await ask(triggers, "TWO")
        #expect(
            await eventually {
                workshop.log == ["\(workshop.path)/program: ONE", "\(workshop.path)/program: TWO"]
            })
    }

    @Test("leave no process behind, not even a dead one")
    func noProcess() async throws {
        let file = try workshop.python(
            """
            open("\(workshop.path)/pid-%d" % os.getpid(), "w").close()
            for line in sys.stdin:
                if '"HANG"' in line: time.sleep(1000)
                if '"DIE"' in line: sys.exit(1)
                answer(json.loads(line))
            """)
        for runners in [0, 2] {
            let triggers = workshop.everywhere(
                file, runners: runners, limits: .time(.milliseconds(1500)))
            await withTaskGroup(of: Void.self) { group in
                for name in ["A", "HANG", "DIE", "B", "DIE", "C"] {
                    group.addTask { _ = try? await triggers.create(.ann, name: name, rounds: []) }
                }
            }
        }
        let pids = workshop.names.compactMap { $0.hasPrefix("pid-") ? pid_t($0.dropFirst(4)) : nil }
        #expect(pids.count >= 8)
        #expect(await eventually { pids.allSatisfy(isGone) })
    }

    @Test("leave no descriptor open, started or not")
    func noDescriptor() async throws {
        func open() -> Int { Workshop.names(in: "/proc/self/fd").count }
        let file = try workshop.shell(#"echo '{"response":{}}'"#)
        let before = open()
        for _ in 0..<20 {
            _ = try await workshop.everywhere(file).verify(.ann, answer: "", parameters: [:])
        }
        let missing = workshop.everywhere("\(workshop.path)/none", runners: 1)
        for _ in 0..<80 { _ = try? await missing.verify(.ann, answer: "", parameters: [:]) }
        // Other tests have some open meanwhile; a leak would be 100 at least.
        #expect(await eventually { open() < before + 60 })
    }
}
