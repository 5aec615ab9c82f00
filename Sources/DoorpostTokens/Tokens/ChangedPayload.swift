internal import DoorpostCore
internal import JWTKit

/// Claims that are to be written without needless escapes: triggers name claims by URLs, and
/// ``FlatJSON`` reads no name that has an escape in it.
protocol ChangedClaims {}

/// A payload with claims that a trigger added.
///
/// Ours are written last and over the others, so that a reserved claim is what we say even if
/// somebody forgets to name it in ``ReservedClaims``.
struct ChangedPayload<Base: JWTPayload>: JWTPayload, ChangedClaims {
    var base: Base
    var added: [String: ClaimValue]

    /// - Throws: ``TokenError``: a claim that could not be written, or that we could not read.
    init(_ base: Base, _ changes: TokenChanges.Claims) throws(TokenError) {
        self.base = base
        // As at AWS, what is both added and suppressed is suppressed.
        added = changes.added.filter {
            !ReservedClaims.contains($0.key) && !changes.suppressed.contains($0.key)
        }
        for (name, value) in added {
            guard name.utf8.allSatisfy({ $0 >= 0x20 && !#""\"#.utf8.contains($0) }) else {
                throw TokenError(.invalid, "an added claim has a name that JSON has to escape")
            }
            guard value.isSignable(depth: 0) else {
                throw TokenError(.invalid, "an added claim is no JSON, or nested too deeply")
            }
        }
    }

    /// Only since JWTKit's payloads can be read; ours are read as what they are for.
    init(from decoder: any Decoder) throws {
        base = try Base(from: decoder)
        added = [:]
    }

    func encode(to encoder: any Encoder) throws {
        var claims = encoder.container(keyedBy: ClaimName.self)
        for (name, value) in added { try claims.encode(value, forKey: ClaimName(name)) }
        try base.encode(to: encoder)
    }

    /// As in ``SessionPayload/verify(using:)``.
    func verify(using algorithm: some JWTAlgorithm) {}
}

/// Any name of a claim.
private struct ClaimName: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { nil }
}

extension ClaimValue {
    /// Far more than anybody's claims have, and less than readers of JSON put up with.
    private static let deepest = 32

    fileprivate func isSignable(depth: Int) -> Bool {
        guard depth < Self.deepest else { return false }
        return switch self {
        case .null, .boolean, .integer, .text: true
        case .number(let number): number.isFinite
        case .list(let values): values.allSatisfy { $0.isSignable(depth: depth + 1) }
        case .object(let members): members.values.allSatisfy { $0.isSignable(depth: depth + 1) }
        }
    }
}

extension ClaimValue: Encodable {
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .boolean(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .list(let values): try container.encode(values)
        case .object(let members): try container.encode(members)
        }
    }
}
