import Crypto
import DoorpostCore
import HTTPTypes

/// What a signature is made of (AWS Signature Version 4): the request with one spelling.
///
/// The path is always `/`: nothing else is ever signed here.
struct CanonicalRequest: Sendable {
    let text: String

    /// - Throws: ``CognitoError``: a header that is signed is not there.
    init(
        method: String, query: String?, headers: HTTPFields, signedHeaders: [String], body: [UInt8]
    ) throws(CognitoError) {
        var lines: [String] = []
        for name in signedHeaders {
            guard let field = HTTPField.Name(name), !headers[values: field].isEmpty else {
                throw .incompleteSignature("The signed header '\(name)' is not there.")
            }
            let values = headers[values: field].map(Self.trim).joined(separator: ",")
            lines.append("\(name):\(values)")
        }
        text = """
            \(method)
            /
            \(Self.canonical(query ?? ""))
            \(lines.joined(separator: "\n"))

            \(signedHeaders.joined(separator: ";"))
            \(Hex.text(SHA256.hash(data: body)))
            """
    }

    /// Without the spaces around, and of several within, one.
    private static func trim(_ value: String) -> String {
        value.split { $0 == " " || $0 == "\t" }.joined(separator: " ")
    }

    /// The parameters sorted by name and value, as they stand encoded.
    private static func canonical(_ query: String) -> String {
        query.split(separator: "&").map { part in
            let halves = part.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(halves[0]), halves.count == 2 ? String(halves[1]) : "")
        }.sorted { $0 < $1 }.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
    }
}

/// Bytes as lower-case hexadecimal digits.
enum Hex {
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined()
    }
}
