import DoorpostCore

/// A value that costs something to find out: found out once a while, by one caller at a time,
/// however many ask.
actor Cached<Value: Sendable> {
    private let lifetime: Span
    private let uptime: any Uptime
    private var last: (value: Value, at: Span)?
    private var underWay: Task<Value, Never>?

    init(for lifetime: Span, uptime: any Uptime) {
        self.lifetime = lifetime
        self.uptime = uptime
    }

    func value(_ find: @escaping @Sendable () async -> Value) async -> Value {
        if let last, uptime.now - last.at < lifetime { return last.value }
        if let underWay { return await underWay.value }
        let task = Task { await find() }
        underWay = task
        let value = await task.value
        underWay = nil
        last = (value, uptime.now)
        return value
    }
}
