/// What the service model says that a value must be. Operations declare their inputs with these;
/// `Tests/Cognito/test_model.py` holds the declarations to botocore's model.
indirect enum Shape: Sendable {
    case string(StringRule)
    case integer(ClosedRange<Int>?)
    case boolean
    case list(Shape, count: ClosedRange<Int>? = nil)
    case map(Shape, Shape)
    case structure(Structure)
}

/// What a text must be.
struct StringRule: Sendable {
    /// In UTF-16 units, as AWS counts.
    var length: ClosedRange<Int>?
    var pattern: Pattern?
    /// All that it may be; empty: anything.
    var values: [String] = []
    /// Never repeated in a message.
    var isSensitive = false
}

/// An object with members of known names. Others are ignored, as AWS does.
struct Structure: Sendable {
    struct Member: Sendable {
        var name: String
        var shape: Shape
        var isRequired: Bool
    }

    var members: [Member]

    init(_ members: Member...) { self.members = members }
}

extension Structure.Member {
    static func required(_ name: String, _ shape: Shape) -> Self {
        Self(name: name, shape: shape, isRequired: true)
    }

    static func optional(_ name: String, _ shape: Shape) -> Self {
        Self(name: name, shape: shape, isRequired: false)
    }
}
