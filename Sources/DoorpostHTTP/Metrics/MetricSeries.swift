import Metrics
import Synchronization

/// The samples of one metric with one set of labels. Each has a lock of its own or none, so that
/// requests never wait for each other here.
protocol MetricSeries: AnyObject, Sendable {
    func write(_ name: String, labels: String, to exposition: inout Exposition)
}

/// Only grows.
final class CounterSeries: MetricSeries, CounterHandler {
    private let value = Atomic<Int64>(0)

    func increment(by amount: Int64) { value.wrappingAdd(amount, ordering: .relaxed) }
    func reset() { value.store(0, ordering: .relaxed) }

    func write(_ name: String, labels: String, to exposition: inout Exposition) {
        exposition.sample(name, labels: labels, "\(value.load(ordering: .relaxed))")
    }
}

/// What is now.
final class GaugeSeries: MetricSeries, MeterHandler, RecorderHandler {
    private let value = Mutex(0.0)

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { self.value.withLock { $0 = value } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ value: Int64) { set(value) }
    func record(_ value: Double) { set(value) }

    func write(_ name: String, labels: String, to exposition: inout Exposition) {
        exposition.sample(name, labels: labels, Exposition.number(value.withLock { $0 }))
    }
}

/// How values are spread over fixed ranges; times in seconds.
final class HistogramSeries: MetricSeries, TimerHandler, RecorderHandler {
    private struct State {
        /// One more than there are bounds: the last counts what lies above all of them.
        var counts: [Int64]
        var sum = 0.0
    }

    private let bounds: [Double]
    private let state: Mutex<State>

    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        let index = bounds.firstIndex { value <= $0 } ?? bounds.endIndex
        state.withLock { state in
            state.counts[index] += 1
            state.sum += value
        }
    }

    func write(_ name: String, labels: String, to exposition: inout Exposition) {
        let state = state.withLock { $0 }
        let comma = labels.isEmpty ? "" : ","
        var total: Int64 = 0
        for (index, count) in state.counts.enumerated() {
            total += count
            let bound = index < bounds.count ? Exposition.number(bounds[index]) : "+Inf"
            exposition.sample(
                "\(name)_bucket", labels: "\(labels)\(comma)le=\"\(bound)\"", "\(total)")
        }
        exposition.sample("\(name)_sum", labels: labels, Exposition.number(state.sum))
        exposition.sample("\(name)_count", labels: labels, "\(total)")
    }
}
