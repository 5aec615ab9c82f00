import DoorpostCore
import Foundation
import HTTPTypes

/// Reads the JSON of a call: one flat object, each member once.
enum JSONBody {
    /// - Throws: ``APIError``: not JSON by its type or its text, a member twice, of the wrong
    ///   kind or missing.
    static func decode<Body: Decodable>(_ type: Body.Type, from call: Call) throws(APIError)
        -> Body
    {
        guard isJSON(call.headers[.contentType]) else { throw .notJSON }
        return try decode(type, from: call.body)
    }

    /// Reads a body that may be missing altogether, as where a cookie says all.
    static func decodeOptional<Body: Decodable>(_ type: Body.Type, from call: Call)
        throws(APIError) -> Body?
    {
        if call.body.isEmpty { return nil }
        return try decode(type, from: call)
    }

    private static func decode<Body: Decodable>(_ type: Body.Type, from bytes: [UInt8])
        throws(APIError) -> Body
    {
        // Between members a line may end; within a string the decoder takes no such byte.
        let oneLine = bytes.map { [0x09, 0x0a, 0x0d].contains($0) ? 0x20 : $0 }
        let space = UInt8(ascii: " ")
        let start = oneLine.firstIndex { $0 != space } ?? oneLine.endIndex
        let end = oneLine.lastIndex { $0 != space }.map { $0 + 1 } ?? oneLine.endIndex
        guard start < end, let flat = FlatJSON(Array(oneLine[start..<end])),
            flat.members.values.allSatisfy(isScalar)
        else {
            throw .invalidRequest("The body must be one flat JSON object, with each member once.")
        }
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch DecodingError.keyNotFound(let key, _) {
            throw .invalidRequest("\"\(key.stringValue)\" is missing.")
        } catch DecodingError.typeMismatch(_, let context),
            DecodingError.valueNotFound(_, let context)
        {
            let name = context.codingPath.last?.stringValue ?? "The body"
            throw .invalidRequest("\"\(name)\" is of the wrong kind.")
        } catch {
            throw .invalidRequest("The body is not JSON.")
        }
    }

    private static func isScalar(_ value: ArraySlice<UInt8>) -> Bool {
        guard let first = value.first else { return false }
        return first != UInt8(ascii: "{") && first != UInt8(ascii: "[")
    }

    private static func isJSON(_ type: String?) -> Bool {
        guard let type else { return false }
        if type == "application/json" { return true }
        let essence = type.prefix { $0 != ";" }.lowercased()
        return essence.trimmingCharacters(in: .whitespaces) == "application/json"
    }
}
