import Metrics

/// One counter for each way that something may end. All are there from the start, at 0.
struct OutcomeCounters<Outcome>: Sendable
where Outcome: RawRepresentable & CaseIterable & Hashable & Sendable, Outcome.RawValue == String {
    private let counters: [Outcome: Counter]

    init(_ name: String, label: String = "outcome", in registry: PrometheusRegistry) {
        counters = Dictionary(
            uniqueKeysWithValues: Outcome.allCases.map { outcome in
                let labels = [(label, outcome.rawValue)]
                return (outcome, Counter(label: name, dimensions: labels, factory: registry))
            })
    }

    func count(_ outcome: Outcome) { counters[outcome]?.increment() }
}
