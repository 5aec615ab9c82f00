package import Metrics
import Synchronization

/// Keeps all metrics of the process, for whoever scrapes them.
///
/// Handlers are made once and then count by themselves: only making one, and scraping, takes the
/// registry's lock.
package final class PrometheusRegistry: MetricsFactory {
    private struct Family {
        var help = "No description."
        var bounds = standardBounds
        /// Set by the first series: later ones of another kind count for nobody.
        var kind: Exposition.Kind?
        var series: [String: any MetricSeries] = [:]
    }

    /// Upper ends of ranges, in seconds, for what answers people.
    package static let standardBounds = [
        0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]

    private let families = Mutex<[String: Family]>([:])

    package init() {}

    /// Says what a metric is, before its first series is made.
    package func describe(
        _ name: String, _ help: String, bounds: [Double] = standardBounds
    ) {
        families.withLock { families in
            families[name, default: Family()].help = help
            families[name, default: Family()].bounds = bounds
        }
    }

    /// All metrics in Prometheus's text format, in a fixed order.
    package var text: String {
        let families = families.withLock { $0 }
        var exposition = Exposition()
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            guard let kind = family.kind, !family.series.isEmpty else { continue }
            exposition.family(name, kind, help: family.help)
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                series.write(name, labels: labels, to: &exposition)
            }
        }
        return exposition.text
    }

    private func series<Series: MetricSeries>(
        _ name: String, _ kind: Exposition.Kind, _ dimensions: [(String, String)],
        _ make: ([Double]) -> Series
    ) -> Series {
        let labels = Exposition.labels(dimensions)
        return families.withLock { families in
            var family = families[name] ?? Family()
            if let known = family.series[labels] as? Series { return known }
            let series = make(family.bounds)
            guard family.kind ?? kind == kind else { return series }
            family.kind = kind
            family.series[labels] = series
            families[name] = family
            return series
        }
    }

    private func remove(_ handler: AnyObject) {
        families.withLock { families in
            for (name, family) in families {
                for (labels, series) in family.series where series === handler {
                    families[name]?.series[labels] = nil
                }
            }
        }
    }

    package func makeCounter(
        label: String, dimensions: [(String, String)]
    ) -> any CounterHandler {
        let name = Exposition.name(label)
        // The name of a counter ends so, whatever a library calls it.
        return series(name.hasSuffix("_total") ? name : "\(name)_total", .counter, dimensions) {
            _ in CounterSeries()
        }
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(Exposition.name(label), .gauge, dimensions) { _ in GaugeSeries() }
    }

    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        let name = Exposition.name(label)
        return aggregate
            ? series(name, .histogram, dimensions) { HistogramSeries(bounds: $0) }
            : series(name, .gauge, dimensions) { _ in GaugeSeries() }
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let name = Exposition.name(label)
        return series(
            name.hasSuffix("_seconds") ? name : "\(name)_seconds", .histogram, dimensions
        ) { HistogramSeries(bounds: $0) }
    }

    package func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    package func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    package func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
    package func destroyTimer(_ handler: any TimerHandler) { remove(handler) }
}
