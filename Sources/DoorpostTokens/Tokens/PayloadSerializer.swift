internal import DoorpostCore
internal import FoundationEssentials
internal import JWTKit

/// Writes the claims of a token for JWTKit, which does the rest: its own way goes over each byte
/// several times, and took a quarter of what signing costs.
struct PayloadSerializer: JWTSerializer {
    var jsonEncoder: any JWTJSONEncoder { JSONEncoder() }

    func serialize(_ payload: some JWTPayload, header: JWTHeader) throws -> Data {
        let encoder = JSONEncoder()
        if payload is any ChangedClaims { encoder.outputFormatting = .withoutEscapingSlashes }
        return Data(Base64URL.digits(of: Array(try encoder.encode(payload))))
    }
}
