/// Writes metrics as Prometheus reads them: text format 0.0.4.
struct Exposition {
    /// What Prometheus does with the samples of a family.
    enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    private(set) var text = ""

    /// Begins a family; its samples follow.
    mutating func family(_ name: String, _ kind: Kind, help: String) {
        let help = help.replacing("\\", with: #"\\"#).replacing("\n", with: #"\n"#)
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    }

    /// - Parameter labels: as ``labels(_:)`` gives them.
    mutating func sample(_ name: String, labels: String = "", _ value: some StringProtocol) {
        text += labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
    }

    /// A family of one sample.
    mutating func single(_ name: String, _ kind: Kind, help: String, _ value: Double) {
        family(name, kind, help: help)
        sample(name, Self.number(value))
    }

    static func labels(_ dimensions: [(String, String)]) -> String {
        dimensions.map { name, value in
            let value = value.replacing("\\", with: #"\\"#).replacing("\"", with: #"\""#)
                .replacing("\n", with: #"\n"#)
            return "\(self.name(name))=\"\(value)\""
        }.joined(separator: ",")
    }

    /// A name that Prometheus takes: what libraries write with dots and dashes has underscores.
    static func name(_ text: String) -> String {
        let fit = String(
            text.map { $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "_" ? $0 : "_" })
        return fit.first?.isNumber ?? true ? "_\(fit)" : fit
    }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: value).map { "\($0)" } ?? "\(value)"
    }
}
