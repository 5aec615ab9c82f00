import DoorpostCore

/// How long a token lives, as the service model says it: a number of units.
struct TokenValidity: Hashable, Sendable {
    var count: Int64
    /// `seconds`, `minutes`, `hours` or `days`
    var unit: String

    private static let units: [(name: String, span: Span)] = [
        ("days", .days(1)), ("hours", .hours(1)), ("minutes", .minutes(1)),
        ("seconds", .seconds(1)),
    ]

    /// In the largest unit that says it in a whole number.
    init(_ span: Span) {
        let fits = Self.units.first { span.milliseconds % $0.span.milliseconds == 0 }
        let (name, unit) = fits ?? ("seconds", .seconds(1))
        count = span.milliseconds / unit.milliseconds
        self.unit = name
    }

    /// - Throws: ``CognitoError``: it is longer or shorter than a token may live.
    static func span(_ count: Int, _ unit: String, within range: ClosedRange<Span>)
        throws(CognitoError) -> Span
    {
        guard let unit = units.first(where: { $0.name == unit }) else {
            throw .invalidParameter("Invalid unit of token validity.")
        }
        // At most ten years of days, by the model: nothing overflows.
        let span = Span(milliseconds: Int64(count) * unit.span.milliseconds)
        guard range.contains(span) else {
            throw .invalidParameter("Invalid range for token validity.")
        }
        return span
    }
}
