package import DoorpostCore

/// Measures how long another store takes to answer.
package struct MeasuredStore: Store {
    let base: any Store
    private let metrics: DoorMetrics

    package init(_ base: any Store, metrics: DoorMetrics) {
        self.base = base
        self.metrics = metrics
    }

    func measure<T>(
        _ intent: StoreIntent, _ call: () throws(StoreError) -> T
    ) throws(StoreError) -> T {
        let start = ContinuousClock.now
        defer { metrics.storeAnswered(intent, took: .now - start) }
        return try call()
    }
}
