import DoorpostTesting
import Testing

@testable import DoorpostCore

@Suite("Initiating a sign-in")
struct InitiateTests {
    @Test("mails the code to the stored address, with all that helps to tell a fraud")
    func mail() async throws {
        let fixture = try FlowFixture()
        let (started, code) = try await fixture.start()
        let message = try #require(started.mail?.message)
        #expect(message.to == fixture.alice.email)
        #expect(code?.count == 8)
        let text = message.text
        #expect(text.contains("sshd on h1"))
        #expect(text.contains("192.0.2.7"))
        #expect(text.contains("UTC"))
        #expect(text.contains("Never give this code to anyone"))
        #expect(!message.subject.contains(try #require(code)))
        #expect(!"\(message)".contains(try #require(code)))
    }

    @Test("shows hostile names in the mail only escaped")
    func hostileNames() async throws {
        let fixture = try FlowFixture()
        let context = FlowFixture.context(
            service: "x\r\nBcc: evil@e.example", source: "\u{1b}]0;owned\u{7}")
        let text = try #require(try await fixture.start(in: context).started.mail?.message.text)
        #expect(!text.contains("\r") && !text.contains("\u{1b}") && !text.contains("\nBcc"))
    }

    @Test("keeps the mail in the outbox, sealed, until the relay has it")
    func outbox() async throws {
        let fixture = try FlowFixture()
        let (started, code) = try await fixture.start()
        let item = try #require(try fixture.store.outbox(includingSent: true, limit: 9).first)
        #expect(item.id == started.mail?.id)
        #expect(try fixture.keys.open(item).message == started.mail?.message)
        let sealed = String(decoding: item.sealed, as: UTF8.self)
        #expect(!sealed.contains(try #require(code)) && !sealed.contains("alice"))
        let otherKeys = try #require(FlowKeys(secret: [UInt8](repeating: 8, count: 32)))
        #expect(throws: (any Error).self) { try otherKeys.open(item) }
    }

    @Test("again takes up the live challenge: no second mail")
    func resumed() async throws {
        let fixture = try FlowFixture()
        let (first, code) = try await fixture.start()
        try fixture.store.mailSent(
            try #require(first.mail?.id), answer: "250 ok", at: fixture.clock.now)
        fixture.clock.advance(by: .minutes(4))
        let second = try await fixture.start().started
        #expect(second.isResumed && second.mail == nil)
        #expect(second.live.id == first.live.id)
        #expect(second.live.mailedAt == first.live.mailedAt)
        #expect(try await fixture.verify(try #require(code), second) == "signed in")
    }

    @Test("again mails a code that never went out, to one caller at a time")
    func resumedUnsent() async throws {
        let fixture = try FlowFixture()
        let first = try await fixture.start().started
        // Still in the hands of whoever started.
        #expect(try await fixture.start().started.mail == nil)
        try fixture.store.mailFailed(
            try #require(first.mail?.id), answer: "451", retryAt: fixture.clock.now,
            audit: FlowFixture.admin(.mailFailed, fixture.clock.now))
        let again = try await fixture.start().started
        #expect(again.mail?.message == first.mail?.message)
        #expect(try await fixture.start().started.mail == nil)
    }

    @Test("keeps the tries of a resumed challenge")
    func resumedTries() async throws {
        let fixture = try FlowFixture()
        let (first, code) = try await fixture.start()
        #expect(try await fixture.verify(FlowFixture.wrong(code), first) == "wrong, 2 left")
        #expect(try await fixture.start().started.live.attemptsLeft == 2)
    }

    @Test("100 times at once mails once")
    func parallel() async throws {
        var policy = FlowPolicy()
        policy.limits.startsPerSource = [Rate(1000, per: .hours(1))]
        let fixture = try FlowFixture(policy: policy)
        let mails = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<100 {
                group.addTask { (try? await fixture.start().started.mail) == nil ? 0 : 1 }
            }
            return await group.reduce(0, +)
        }
        #expect(mails == 1)
        #expect(try fixture.store.outbox(includingSent: true, limit: 200).count == 1)
    }

    @Test("from somewhere else within a minute of an unused code is told to wait")
    func gap() async throws {
        let fixture = try FlowFixture()
        _ = try await fixture.start()
        let elsewhere = FlowFixture.context(source: "192.0.2.8")
        guard
            case .limited(let wait, .resendAfter) =
                try await fixture.flow.initiate(.login("alice"), in: elsewhere)
        else {
            Issue.record("two mails within a minute")
            return
        }
        #expect(wait == .seconds(60))
        fixture.clock.advance(by: wait)
        #expect(try await fixture.start(in: elsewhere).started.mail != nil)
    }

    @Test("for sudo right after signing in needs no waiting")
    func afterSuccess() async throws {
        let fixture = try FlowFixture()
        let (started, code) = try await fixture.start()
        #expect(try await fixture.verify(try #require(code), started) == "signed in")
        let sudo = FlowFixture.context(service: "sudo", source: "")
        #expect(try await fixture.start(in: sudo).started.mail != nil)
    }

    @Test("mails an address at most five times an hour")
    func mailLimit() async throws {
        let fixture = try FlowFixture()
        for _ in 0..<5 {
            let (started, code) = try await fixture.start()
            #expect(try await fixture.verify(try #require(code), started) == "signed in")
        }
        guard
            case .limited(let wait, .mailsPerAddress) =
                try await fixture.flow.initiate(.login("alice"), in: FlowFixture.context())
        else {
            Issue.record("a sixth mail")
            return
        }
        #expect(wait == .hours(1))
    }

    @Test("from one source is limited, whoever is asked for; from the console it is not")
    func sourceLimit() async throws {
        let fixture = try FlowFixture()
        for round in 0..<20 { _ = try await fixture.start(.login("ghost\(round)")) }
        guard
            case .limited(_, .startsPerSource) =
                try await fixture.flow.initiate(.login("ghost99"), in: FlowFixture.context())
        else {
            Issue.record("a twenty-first start")
            return
        }
        let console = FlowFixture.context(service: "login", source: "")
        for round in 0..<30 { _ = try await fixture.start(.login("other\(round)"), in: console) }
    }
}
