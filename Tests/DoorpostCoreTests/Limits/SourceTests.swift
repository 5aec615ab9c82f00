import DoorpostCore
import Testing

@Suite("A source")
struct SourceTests {
    @Test(
        "is limited by its address, an IPv6 one by its /64",
        arguments: [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "20010db800010002/64"),
            ("2001:db8:1:2::9", "20010db800010002/64"),
            ("fe80::1%eth0", "fe80000000000000/64"),
        ])
    func limited(told: String, key: String) {
        #expect(Source(told).limitKey == key)
    }

    @Test(
        "that is no address is never a limiter's key",
        arguments: [
            "", "host.example.org", "127.1", "0x7f.0.0.1", "192.0.2.7 ", "../x", "1.2.3.4.5",
        ])
    func unlimited(told: String) {
        #expect(Source(told).limitKey == nil)
    }

    @Test("is shown without control characters, and cut")
    func visible() {
        #expect(Source("a\u{1b}[2J\nb").text == "a\\x1b[2J\\x0ab")
        #expect(Source("é%n").text == "\\xc3\\xa9%n")
        #expect(Source(String(repeating: "x", count: 10_000)).text.utf8.count == 255)
    }
}

@Suite("Visible text")
struct VisibleTextTests {
    @Test("never cuts an escape in two")
    func cut() {
        #expect(VisibleText.escape("ab\u{1}", limit: 5) == "ab")
        #expect(VisibleText.escape("a\u{1}", limit: 5) == "a\\x01")
        #expect(VisibleText.escape("back\\slash", limit: 99) == "back\\x5cslash")
    }
}

@Suite("A time for people")
struct UTCTimeTests {
    @Test("is UTC, whatever TZ says")
    func utc() {
        let time = UTCTime(Timestamp(seconds: 1_795_245_965))
        #expect(time.isoText == "2026-11-21T07:26:05Z")
        #expect(time.minuteText == "2026-11-21 07:26")
        #expect(time.clockText == "07:26")
    }

    @Test("is told to wait in whole seconds, rounded up")
    func roundedUp() {
        #expect(Span(milliseconds: 1).wholeSeconds == 1)
        #expect(Span.seconds(60).wholeSeconds == 60)
        #expect(Span(milliseconds: 60_001).wholeSeconds == 61)
    }
}
