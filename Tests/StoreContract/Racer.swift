import Foundation
import Testing

/// Another process on a store: the program `store-racer`, built beside the tests.
final class Racer {
    private let process = Process()
    private let input = Pipe.unshared()
    private let output = Pipe.unshared()
    private var buffer = Data()

    /// Where the program lies: in the directory of the test bundle.
    static var program: String {
        get throws {
            let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            let beside = URL(fileURLWithPath: bundle).deletingLastPathComponent().path
            let named = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            let paths = [beside, named.path].map { $0 + "/store-racer" }
            return try #require(paths.first { FileManager.default.isExecutableFile(atPath: $0) })
        }
    }

    /// Starts `store-racer` with these arguments.
    convenience init(_ arguments: String...) throws {
        try self.init(command: [Self.program] + arguments)
    }

    /// Starts any program, by its path.
    init(command: [String]) throws {
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        try output.fileHandleForWriting.close()
        try input.fileHandleForReading.close()
    }

    /// The next line, or nil at the end of the output.
    func line() -> String? {
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: buffer[buffer.startIndex..<end], as: UTF8.self)
                buffer = Data(buffer[(end + 1)...])
                return line
            }
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { return nil }
            buffer.append(more)
        }
    }

    /// Waits until it says that it is ready.
    func waitUntilReady() throws {
        let first = line()
        try #require(first == "ready", "store-racer said \(first ?? "nothing")")
    }

    /// The gate, which opens when this is closed.
    var gate: FileHandle { input.fileHandleForWriting }

    /// Opens the gate.
    func go() throws { try gate.close() }

    /// `kill -9`.
    func kill() { Foundation.kill(process.processIdentifier, SIGKILL) }

    /// The rest of the output, once the process has ended.
    func rest() -> [String] {
        var lines: [String] = []
        while let line = line() { lines.append(line) }
        process.waitUntilExit()
        return lines
    }

    /// What so many processes with so many threads each get from one call, made all at once.
    static func race(_ mode: String, _ path: String, processes: Int, threads: Int) throws
        -> [String: Int]
    {
        let racers = try (0..<processes).map { _ in try Racer(mode, path, "\(threads)") }
        for racer in racers { try racer.waitUntilReady() }
        for racer in racers { try racer.go() }
        return racers.flatMap { $0.rest() }.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }
}

extension Pipe {
    /// A pipe whose ends no other program inherits that is started at this moment: one that held the
    /// gate's would keep it shut for as long as it lives.
    fileprivate static func unshared() -> Pipe {
        let pipe = Pipe()
        for end in [pipe.fileHandleForReading, pipe.fileHandleForWriting] {
            _ = fcntl(end.fileDescriptor, F_SETFD, FD_CLOEXEC)
        }
        return pipe
    }
}
