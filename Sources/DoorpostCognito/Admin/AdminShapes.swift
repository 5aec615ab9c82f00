// The shapes of administrators' operations that the others do not have.
extension Shape {
    static let groupName = Shape.string(StringRule(length: 1...128, pattern: .visible))
    static let details = Shape.string(StringRule(length: 0...2048))
    static let arn = Shape.string(StringRule(length: 20...2048, pattern: .arn))
    static let pageSize = Shape.integer(0...60)
    static let pageToken = Shape.string(StringRule(length: 1...131072, pattern: .notBlank))
    static let url = Shape.string(StringRule(length: 1...1024, pattern: .visible))
    static let timeUnit = oneOf(["seconds", "minutes", "hours", "days"])
}
