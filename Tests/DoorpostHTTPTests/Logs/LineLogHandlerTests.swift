import DoorpostCore
import DoorpostTesting
import Foundation
import Logging
import Testing

@testable import DoorpostHTTP

@Suite("The log")
struct LineLogHandlerTests {
    private let log = LogLines()
    private let clock = ManualClock(Timestamp(seconds: 1_795_258_260))

    @Test("is one line for people")
    func text() {
        var logger = log.logger(clock: clock)
        logger[metadataKey: "request"] = "r1"
        logger.info("request answered", metadata: ["status": "200", "path": "/a b"])
        #expect(
            log.lines == [
                "2026-11-21T10:51:00Z info request answered path=\"/a b\" request=r1 status=200\n"
            ])
    }

    @Test("is one object a line for programs")
    func json() {
        let logger = log.logger(.json, clock: clock)
        logger.warning("mail refused", metadata: ["level": "x", "try": "1"])
        #expect(
            log.lines == [
                #"{"time":"2026-11-21T10:51:00Z","level":"warning","message":"mail refused","#
                    + #""level_":"x","try":"1"}"# + "\n"
            ])
    }

    static let nasty = [
        "a\nb", "\r\n2026-11-21T10:51:00Z info forged", "\u{1b}[31mred\u{1b}[0m", "\u{0}",
        "quote \" and \\ backslash", "\u{202e}reversed", "\u{2028}", "é", "\u{7f}", "=", "",
        "\u{9b}31m", "😀", String(repeating: "\u{1b}", count: 9000),
        String(repeating: "x😀", count: 1500),
    ]

    @Test("stays one line of printable ASCII, whatever strangers write", arguments: nasty)
    func stayLine(_ value: String) throws {
        for format in LogFormat.allCases {
            let logger = log.logger(format, clock: clock)
            logger.error("\(value)", metadata: ["\(value)x": "\(value)"])
            let line = try #require(log.lines.last)
            #expect(line.utf8.last == 0x0a)
            #expect(line.utf8.dropLast().allSatisfy { (0x20...0x7e).contains($0) })
            #expect(line.utf8.count < 64 * 1024)
            if format == .json {
                _ = try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
            }
        }
    }

    @Test(
        "has in JSON what was written, character for character",
        arguments: nasty.filter { $0.count < 100 })
    func roundTrip(_ value: String) throws {
        log.logger(.json, clock: clock).error("m", metadata: ["value": "\(value)"])
        let line = try #require(log.lines.last)
        let object = try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
        #expect(object["value"] == value)
    }

    @Test("cannot be given a second value in text")
    func noForgedPair() {
        log.logger(clock: clock).info("m", metadata: ["a": "x\" b=\"y"])
        #expect(log.lines.last == #"2026-11-21T10:51:00Z info m a="x\" b=\"y""# + "\n")
    }

    @Test("has the level that it was made with")
    func level() {
        let handler = LineLogHandler.factory(.json, level: .error, clock: clock)("x")
        #expect(handler.logLevel == .error)
    }
}
