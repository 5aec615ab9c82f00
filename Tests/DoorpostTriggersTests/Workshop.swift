import DoorpostCore
import Glibc
import Synchronization
import Testing

@testable import DoorpostTriggers

/// A directory with programs for one test, and the log that they write.
final class Workshop: Sendable {
    let path: String
    private let lines = Mutex<[String]>([])

    init() throws {
        var template = Array("/tmp/doorpost-triggers-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
        for name in names { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    var names: [String] { Self.names(in: path) }

    static func names(in path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                })
        }
        return names.filter { $0 != "." && $0 != ".." }
    }

    var log: [String] { lines.withLock { $0 } }

    /// Writes a file and makes it executable.
    @discardableResult
    func write(_ text: String, to name: String = "program", mode: mode_t = 0o700) throws -> String {
        let file = "\(path)/\(name)"
        let stream = try #require(fopen(file, "we"))
        fputs(text, stream)
        fclose(stream)
        chmod(file, mode)
        return file
    }

    func shell(_ text: String) throws -> String { try write("#!/bin/sh\n\(text)\n") }

    /// A Python program; `event` is what it is given, `answer` writes what it gives.
    func python(_ text: String) throws -> String {
        try write(
            """
            #!/usr/bin/python3 -I
            import sys, json, os, time, signal
            def answer(value):
                sys.stdout.write(json.dumps(value) + "\\n")
                sys.stdout.flush()
            \(text)

            """)
    }

    func text(of name: String) -> String? {
        guard let stream = fopen("\(path)/\(name)", "re") else { return nil }
        defer { fclose(stream) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 8192)
        while true {
            let count = fread(&buffer, 1, buffer.count, stream)
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }

    func triggers(
        _ programs: [TriggerPoint: TriggerProgram], version: Int = 1,
        limits: ProgramLimits = ProgramLimits(),
        distrust: @escaping @Sendable (String) -> String? = { _ in nil }
    ) -> ProgramTriggers {
        ProgramTriggers(
            programs, pool: "eu-central-1_Door", tokenVersion: version, limits: limits,
            distrust: distrust, log: { line in self.lines.withLock { $0.append(line) } })
    }

    /// One program at every point.
    func everywhere(
        _ file: String, arguments: [String] = [], environment: [String: String] = [:],
        runners: Int = 0, version: Int = 1, limits: ProgramLimits = ProgramLimits()
    ) -> ProgramTriggers {
        let program = TriggerProgram(
            command: [file] + arguments, environment: environment, runners: runners)
        return triggers(
            Dictionary(uniqueKeysWithValues: TriggerPoint.allCases.map { ($0, program) }),
            version: version, limits: limits)
    }
}

extension TriggerSubject {
    static let ann = Self(
        userName: "ann@example.org", attributes: ["sub": "1234", "email": "ann@example.org"],
        client: "shop", metadata: ["colour": "blue"])
    static let nobody = Self(userName: "x@example.org", isUnknown: true, client: "shop")
}

/// Waits until something holds, for a while; blocks no thread that a program's answer may need.
func eventually(_ holds: () -> Bool) async -> Bool {
    let deadline = ContinuousClock.now + .seconds(120)
    while ContinuousClock.now < deadline {
        if holds() { return true }
        do { try await Task.sleep(for: .milliseconds(5)) } catch { return false }
    }
    return false
}

/// A time limit that a test can wait for.
extension ProgramLimits {
    static func time(_ duration: Duration) -> Self {
        var limits = Self()
        limits.time = duration
        return limits
    }
}
