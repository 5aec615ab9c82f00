import Foundation

/// What Prometheus's own clients tell of their process, under the same names, from `/proc`.
enum ProcessMetrics {
    /// Nothing of what cannot be read.
    static var text: String {
        var exposition = Exposition()
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        // The fields after the program's name, which may hold anything; the first is number 3.
        if let stat = read("/proc/self/stat"), let end = stat.lastIndex(of: ")") {
            let fields = stat[end...].dropFirst().split(separator: " ").map { Double($0) ?? 0 }
            if fields.count > 21 {
                exposition.single(
                    "process_cpu_seconds_total", .counter, help: "Processor time used.",
                    (fields[11] + fields[12]) / ticks)
                exposition.single(
                    "process_resident_memory_bytes", .gauge, help: "Memory in use.",
                    fields[21] * Double(sysconf(Int32(_SC_PAGESIZE))))
                if let boot = bootTime {
                    exposition.single(
                        "process_start_time_seconds", .gauge,
                        help: "When the process started, in seconds since 1970.",
                        boot + fields[19] / ticks)
                }
            }
        }
        if let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            exposition.single(
                "process_open_fds", .gauge, help: "File descriptors in use.", Double(open.count))
        }
        return exposition.text
    }

    private static var bootTime: Double? {
        read("/proc/stat")?.split(separator: "\n").first { $0.hasPrefix("btime ") }
            .flatMap { Double($0.dropFirst(6)) }
    }

    private static func read(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }
}
