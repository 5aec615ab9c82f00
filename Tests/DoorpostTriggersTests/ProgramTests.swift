import DoorpostCore
import Glibc
import Testing

@testable import DoorpostTriggers

@Suite("A program for each event")
struct ProgramTests {
    private let workshop: Workshop

    init() throws { workshop = try Workshop() }

    private func fault(
        _ file: String, environment: [String: String] = [:],
        limits: ProgramLimits = ProgramLimits()
    ) async -> TriggerError? {
        let triggers = workshop.everywhere(file, environment: environment, limits: limits)
        do {
            _ = try await triggers.verify(.ann, answer: "1", parameters: [:])
            return nil
        } catch {
            return error
        }
    }

    @Test("reads the event and answers")
    func answers() async throws {
        let file = try workshop.python(
            """
            text = sys.stdin.read()
            event = json.loads(text)
            assert text.count("\\n") == 1
            event["response"]["answerCorrect"] = event["request"]["challengeAnswer"] == "12"
            answer(event)
            """)
        let triggers = workshop.everywhere(file)
        #expect(try await triggers.verify(.ann, answer: "12", parameters: [:]))
        #expect(try await !triggers.verify(.ann, answer: "13", parameters: [:]))
    }

    @Test("has only the environment that is configured, no shell, and / around it")
    func environment() async throws {
        let file = try workshop.python(
            """
            answer({"response": {"challengeMetadata": json.dumps(
                [sorted(os.environ.items()), sys.argv[1:], os.getcwd(),
                 sorted(os.listdir("/proc/self/fd")), os.getsid(0) == os.getpid(),
                 os.getpgid(0) == os.getpid(),
                 [n for n in ("SIGPIPE", "SIGTERM", "SIGHUP")
                  if signal.getsignal(getattr(signal, n)) == signal.SIG_IGN
                     and n != "SIGPIPE"],
                 len(signal.pthread_sigmask(signal.SIG_BLOCK, []))])}})
            """)
        setenv("DOORPOST_TEST_SECRET", "x", 1)
        let triggers = workshop.everywhere(
            file, arguments: ["$HOME", "a b;`id`"], environment: ["MAIL_FROM": "a@b.c"])
        let challenge = try await triggers.create(.ann, name: "CUSTOM_CHALLENGE", rounds: [])
        // Python sets LC_CTYPE itself; 3 is the directory that it is reading.
        #expect(
            challenge.metadata
                == #"[[["LC_CTYPE", "C.UTF-8"], ["MAIL_FROM", "a@b.c"]], ["$HOME", "a b;`id`"], "/", "#
                + #"["0", "1", "2", "3"], true, true, [], 0]"#)
    }

    @Test("that ends with an exit status refuses")
    func exits() async throws {
        let file = try workshop.shell(#"cat; exit 3"#)
        #expect(
            await fault(file)
                == TriggerError(.verifyAuthChallengeResponse, .refused, "exit status 3"))
    }

    @Test("that says what its handler threw refuses with that, whatever its exit status")
    func throwing() async throws {
        for status in [0, 1] {
            let file = try workshop.shell(
                #"echo '{"errorMessage":"not\u001b today","errorType":"Error"}'; exit \#(status)"#)
            #expect(
                await fault(file)
                    == TriggerError(.verifyAuthChallengeResponse, .refused, "not\u{1b} today"))
        }
        #expect(
            TriggerError(.preSignUp, .refused, "not\u{1b} today").message == "not  today")
        #expect(TriggerError(.preSignUp, .refused, "José\u{202e}").message == "José ")
    }

    @Test("that dies by a signal has failed")
    func dies() async throws {
        let file = try workshop.shell("cat; kill -SEGV $$")
        #expect(
            await fault(file)
                == TriggerError(.verifyAuthChallengeResponse, .failed, "it died by signal 11"))
    }

    @Test("that hangs is killed with all that it started", .timeLimit(.minutes(5)))
    func hangs() async throws {
        let file = try workshop.shell(
            "trap '' TERM; sleep 1000 & echo $! > \(workshop.path)/child; wait; wait")
        let error = await fault(file, limits: .time(.milliseconds(700)))
        #expect(error?.fault == .failed)
        #expect(error?.message == "it did not answer in time and was killed")
        let child = try #require(
            workshop.text(of: "child").flatMap { pid_t($0.dropLast()) })
        #expect(await eventually { kill(child, 0) != 0 && errno == ESRCH })
    }

    @Test(
        "is not waited for longer because something of its own holds the pipe open",
        .timeLimit(.minutes(5)))
    func grandchildren() async throws {
        let file = try workshop.shell(
            """
            setsid sh -c 'echo $$ > \(workshop.path)/child; exec sleep 1000' &
            while [ ! -s \(workshop.path)/child ]; do sleep 0.01; done
            echo '{"response":{"answerCorrect":true}}'
            """)
        #expect(try await workshop.everywhere(file).verify(.ann, answer: "", parameters: [:]))
        let child = try #require(
            workshop.text(of: "child").flatMap { pid_t($0.dropLast()) })
        #expect(kill(child, SIGKILL) == 0)
    }

    @Test("leaves nothing behind in its session")
    func background() async throws {
        let file = try workshop.shell(
            """
            sleep 1000 & echo $! > \(workshop.path)/child
            echo '{"response":{"answerCorrect":true}}'
            """)
        #expect(try await workshop.everywhere(file).verify(.ann, answer: "", parameters: [:]))
        let child = try #require(
            workshop.text(of: "child").flatMap { pid_t($0.dropLast()) })
        #expect(await eventually { kill(child, 0) != 0 && errno == ESRCH })
    }

    @Test("that floods is stopped")
    func floods() async throws {
        let error = await fault(try workshop.shell("exec yes"))
        #expect(error?.fault == .badAnswer)
        #expect(error?.message == "the answer is too long")
    }

    @Test("may answer with 64 KiB, and not one byte more")
    func size() async throws {
        let answer = #"{"response":{"answerCorrect":true}}"#
        let most = 64 * 1024 - answer.utf8.count
        for (spaces, isGood) in [(most, true), (most + 1, false)] {
            let file = try workshop.python(
                "sys.stdout.write('\(answer)' + ' ' * \(spaces))")
            #expect((await fault(file) == nil) == isGood)
        }
    }

    @Test(
        "that answers nonsense is not believed",
        arguments: [
            "", "null", "[]", "{", #""x""#, #"{"response":null}"#, #"{"response":[]}"#,
            #"{"response":{"answerCorrect":"true"}}"#, #"{"response":{"answerCorrect":1}}"#,
            #"{"response":{"answerCorrect":true,"answerCorrect":true}}"#,
            #"{"response":{"answerCorrect":true}} {}"#,
            #"{"response":{},"response":{"answerCorrect":true}}"#,
            #"{"userName":"eve@example.org","response":{"answerCorrect":true}}"#,
            #"{"triggerSource":"X","response":{"answerCorrect":true}}"#,
            #"{"errorMessage":1,"response":{"answerCorrect":true}}"#,
            #"{"response":{"answerCorrect":true,"x":\#(String(repeating: "[", count: 40))}}"#,
        ])
    func nonsense(_ answer: String) async throws {
        let file = try workshop.write("#!/bin/sh\ncat >/dev/null\ncat <<'E'\n\(answer)\nE\n")
        let error = await fault(file)
        #expect(error?.fault == .badAnswer, "\(String(describing: error))")
    }

    @Test("need not read its input, however much that is")
    func silent() async throws {
        let file = try workshop.shell(
            #"exec <&-; echo '{"response":{"answerCorrect":true}}'"#)
        let triggers = workshop.everywhere(file)
        let long = String(repeating: "x", count: 300_000)
        #expect(try await triggers.verify(.ann, answer: long, parameters: [:]))
    }

    @Test("writes its standard error to the log: escaped, and so much of it")
    func standardError() async throws {
        let file = try workshop.shell(
            #"printf 'one\033[2J\ntwo' >&2; echo '{"response":{"answerCorrect":true}}'"#)
        #expect(await fault(file) == nil)
        #expect(workshop.log == [#"\#(file): one\x1b[2J"#, "\(file): two"])
        let noisy = try workshop.shell(
            #"yes xxxxxxxxx | head -c 1000000 >&2; echo '{"response":{"answerCorrect":true}}'"#)
        #expect(await fault(noisy) == nil)
        let lines = workshop.log.dropFirst(2)
        #expect(lines.last == "\(file): (more than 4096 bytes; the rest is left out)")
        #expect(lines.count == 411)
    }

    @Test("that cannot be started has failed")
    func missing() async throws {
        #expect(await fault("\(workshop.path)/nothing")?.fault == .failed)
        let plain = try workshop.write("#!/bin/sh\n", mode: 0o600)
        // Root may execute nothing either, without an x.
        #expect(await fault(plain)?.fault == .failed)
        let wrong = try workshop.write("#!/nonexistent/interpreter\n")
        #expect(await fault(wrong)?.fault == .failed)
    }

    @Test("is asked about each time before it is started")
    func distrusted() async throws {
        let file = try workshop.shell(#"echo '{"response":{"answerCorrect":true}}'"#)
        let triggers = workshop.triggers(
            [.verifyAuthChallengeResponse: TriggerProgram(command: [file])],
            distrust: { access("\($0).bad", F_OK) == 0 ? "can be changed by others" : nil })
        #expect(try await triggers.verify(.ann, answer: "", parameters: [:]))
        try workshop.write("", to: "program.bad")
        let error = await #expect(throws: TriggerError.self) {
            try await triggers.verify(.ann, answer: "", parameters: [:])
        }
        #expect(
            error
                == TriggerError(
                    .verifyAuthChallengeResponse, .failed, "\(file): can be changed by others"))
    }

    @Test("is killed when nobody waits any more")
    func cancelled() async throws {
        let file = try workshop.shell("echo $$ > \(workshop.path)/pid; exec sleep 1000")
        // Time enough that it is not that which kills.
        let triggers = workshop.everywhere(file, limits: .time(.seconds(60)))
        let task = Task { try await triggers.verify(.ann, answer: "", parameters: [:]) }
        #expect(await eventually { workshop.text(of: "pid")?.hasSuffix("\n") == true })
        let pid = try #require(workshop.text(of: "pid").flatMap { pid_t($0.dropLast()) })
        task.cancel()
        await #expect(throws: TriggerError.self) { try await task.value }
        #expect(await eventually { kill(pid, 0) != 0 && errno == ESRCH })
    }

    @Test("runs beside others, so many and no more")
    func atOnce() async throws {
        var limits = ProgramLimits()
        limits.atOnce = 2
        limits.waiting = 2
        limits.patience = .seconds(600)
        limits.time = .seconds(600)
        let file = try workshop.shell(
            """
            while [ ! -e \(workshop.path)/go ]; do sleep 0.01; done
            echo '{"response":{"answerCorrect":true}}'
            """)
        let triggers = workshop.everywhere(file, limits: limits)
        let results = await withTaskGroup(of: TriggerError?.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    do {
                        _ = try await triggers.verify(.ann, answer: "", parameters: [:])
                        return nil
                    } catch {
                        return error as? TriggerError
                    }
                }
            }
            var results: [TriggerError?] = []
            for await result in group {
                results.append(result)
                // Two run and two wait: the others are refused before anybody is answered.
                if results.count == 4 { _ = try? workshop.write("", to: "go") }
            }
            return results
        }
        #expect(results.count { $0 == nil } == 4)
        #expect(
            results.compactMap(\.self).allSatisfy {
                $0.fault == .failed && $0.message == "too many events wait for it"
            })
    }

    @Test("is not given to an event that has waited for longer than it has patience")
    func patience() async throws {
        var limits = ProgramLimits()
        limits.atOnce = 1
        limits.waiting = 1
        limits.patience = .zero
        limits.time = .seconds(600)
        let file = try workshop.shell(
            """
            while [ ! -e \(workshop.path)/go ]; do sleep 0.01; done
            echo '{"response":{"answerCorrect":true}}'
            """)
        let triggers = workshop.everywhere(file, limits: limits)
        let said = await withTaskGroup(of: String.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    do {
                        _ = try await triggers.verify(.ann, answer: "", parameters: [:])
                        return "answered"
                    } catch {
                        return "\(error)"
                    }
                }
            }
            var said: [String] = []
            for await result in group {
                said.append(result)
                // One runs and one waits, as soon as one is refused for want of a place.
                _ = try? workshop.write("", to: "go")
            }
            return said
        }
        #expect(said.first?.contains("too many events wait for it") == true)
        #expect(said.count { $0 == "answered" } == 1)
    }
}
