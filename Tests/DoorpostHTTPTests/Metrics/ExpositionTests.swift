import DoorpostCore
import DoorpostTesting
import Foundation
import Metrics
import Testing

@testable import DoorpostHTTP

@Suite("Metrics for Prometheus")
struct ExpositionTests {
    @Test("are written as the format has them")
    func golden() {
        let registry = PrometheusRegistry()
        registry.describe("app_asks_total", "What \\ was\nasked.")
        registry.describe("app_answer_seconds", "How long.", bounds: [0.1, 2])
        let asks = Counter(
            label: "app_asks_total", dimensions: [("who", "a\"b\\c\nd"), ("the.why", "é")],
            factory: registry)
        asks.increment(by: 3)
        Counter(label: "app_asks_total", factory: registry).increment()
        // The same series again, not another one.
        Counter(label: "app_asks_total", factory: registry).increment()
        let timer = Timer(label: "app_answer_seconds", factory: registry)
        for milliseconds in [100, 250, 9000] { timer.recordMilliseconds(milliseconds) }
        Gauge(label: "app-level", factory: registry).record(0.25)
        let meter = Meter(label: "app_open", factory: registry)
        meter.increment(by: 2)
        meter.decrement()
        // Of another kind under a known name: counts for nobody.
        Gauge(label: "app_asks_total", factory: registry).record(7)
        let gone = Meter(label: "app_gone", factory: registry)
        gone.destroy()
        #expect(
            registry.text == #"""
                # HELP app_answer_seconds How long.
                # TYPE app_answer_seconds histogram
                app_answer_seconds_bucket{le="0.1"} 1
                app_answer_seconds_bucket{le="2"} 2
                app_answer_seconds_bucket{le="+Inf"} 3
                app_answer_seconds_sum 9.35
                app_answer_seconds_count 3
                # HELP app_asks_total What \\ was\nasked.
                # TYPE app_asks_total counter
                app_asks_total 2
                app_asks_total{who="a\"b\\c\nd",the_why="é"} 3
                # HELP app_level No description.
                # TYPE app_level gauge
                app_level 0.25
                # HELP app_open No description.
                # TYPE app_open gauge
                app_open 1

                """#)
    }

    @Test("that libraries name in their own way end as their kind does")
    func libraries() {
        let registry = PrometheusRegistry()
        Counter(label: "lib.requests", factory: registry).increment()
        Timer(label: "lib.wait", factory: registry).recordSeconds(1)
        Recorder(label: "7size", factory: registry).record(3)
        #expect(registry.text.contains("lib_requests_total 1\n"))
        #expect(registry.text.contains("lib_wait_seconds_sum 1\n"))
        #expect(registry.text.contains("_7size_count 1\n"))
    }

    @Test("are counted right by many threads at once")
    func threads() async {
        let registry = PrometheusRegistry()
        let metrics = DoorMetrics(registry, version: "1")
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask { @concurrent in
                    for _ in 0..<500 {
                        metrics.initiated(.started)
                        metrics.connectionOpened()
                        metrics.requestAnswered(
                            route: "/", method: "BREW", status: 200, took: .milliseconds(1))
                    }
                }
            }
        }
        #expect(registry.text.contains(#"initiates_total{outcome="started"} 4000"# + "\n"))
        #expect(registry.text.contains("doorpost_http_connections 4000\n"))
        #expect(
            registry.text.contains(
                #"duration_seconds_count{route="/",method="other",status="200"} 4000"# + "\n"))
    }

    @Test("of the door are all there from the start, at 0")
    func fromTheStart() {
        let text = DoorMetrics(PrometheusRegistry(), version: "1.2.3").text
        let outcomes = [
            "initiates": InitiateEvent.allCases.map(\.rawValue),
            "verifies": VerifyEvent.allCases.map(\.rawValue),
            "resends": ResendEvent.allCases.map(\.rawValue),
            "refreshes": RefreshEvent.allCases.map(\.rawValue),
            "mails": MailEvent.allCases.map(\.rawValue),
        ]
        for (name, outcomes) in outcomes {
            for outcome in outcomes {
                #expect(text.contains("doorpost_\(name)_total{outcome=\"\(outcome)\"} 0\n"))
            }
        }
        for limit in LimitName.allCases {
            #expect(text.contains("doorpost_limits_hit_total{limit=\"\(limit.rawValue)\"} 0\n"))
        }
        for series in [
            #"doorpost_mail_queue{state="queued"} 0"#, #"doorpost_mail_queue{state="failed"} 0"#,
            "doorpost_mail_oldest_seconds 0", "doorpost_addresses_bounced 0",
            "doorpost_relay_up 0", "doorpost_http_connections 0",
            "doorpost_mail_delivery_seconds_count 0", "doorpost_mail_wait_seconds_count 0",
            #"doorpost_store_duration_seconds_count{intent="start_challenge"} 0"#,
            #"doorpost_build_info{version="1.2.3"} 1"#,
        ] {
            #expect(text.contains("\(series)\n"), "\(series)")
        }
    }

    @Test("of the process are true")
    func process() throws {
        let text = ProcessMetrics.text
        func value(_ name: String) throws -> Double {
            let line = text.split(separator: "\n").first { $0.hasPrefix("\(name) ") }
            let number = try #require(line).dropFirst(name.count + 1)
            return try #require(Double(number))
        }
        let started = try value("process_start_time_seconds")
        let now = Date().timeIntervalSince1970
        #expect(started > now - 3600 && started < now + 2)
        #expect(try value("process_cpu_seconds_total") >= 0)
        #expect(try value("process_resident_memory_bytes") > 1_000_000)
        #expect(try value("process_open_fds") >= 3)
    }

    static let promtool = (ProcessInfo.processInfo.environment["PATH"] ?? "")
        .split(separator: ":").map { "\($0)/promtool" }
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    @Test("please Prometheus's own checker", .enabled(if: promtool != nil))
    func checker() throws {
        let metrics = DoorMetrics(PrometheusRegistry(), version: "1.2.3")
        metrics.requestAnswered(
            route: "/auth/verify", method: "POST", status: 401, took: .milliseconds(3))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Self.promtool))
        process.arguments = ["check", "metrics"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
        input.fileHandleForWriting.write(Data(metrics.text.utf8))
        try input.fileHandleForWriting.close()
        let said = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(said.isEmpty, "\(said)")
    }
}
