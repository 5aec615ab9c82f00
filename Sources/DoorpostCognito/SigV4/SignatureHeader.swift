/// The `Authorization` of a signed request, taken apart.
struct SignatureHeader: Hashable, Sendable {
    var accessKeyID: String
    /// `20261121`
    var date: String
    var region: String
    var service: String
    /// In lower case, sorted.
    var signedHeaders: [String]
    /// 64 hexadecimal digits.
    var signature: String

    /// `date/region/service/aws4_request`
    var scope: String { "\(date)/\(region)/\(service)/\(Self.termination)" }

    static let algorithm = "AWS4-HMAC-SHA256"
    static let termination = "aws4_request"

    /// - Throws: ``CognitoError``: it is no such header (`IncompleteSignatureException`).
    init(_ text: String) throws(CognitoError) {
        let prefix = "\(Self.algorithm) "
        guard text.utf8.count <= 4096, text.hasPrefix(prefix) else {
            throw .incompleteSignature("The Authorization header is not of \(Self.algorithm).")
        }
        var fields: [String: String] = [:]
        for part in text.dropFirst(prefix.count).split(separator: ",") {
            let halves = part.drop { $0 == " " }.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard halves.count == 2,
                fields.updateValue(String(halves[1]), forKey: String(halves[0])) == nil
            else { throw .incompleteSignature("The Authorization header is malformed.") }
        }
        guard let credential = fields["Credential"] else { throw Self.lacks("Credential") }
        guard let headers = fields["SignedHeaders"] else { throw Self.lacks("SignedHeaders") }
        guard let signature = fields["Signature"] else { throw Self.lacks("Signature") }
        let parts = credential.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[4] == Self.termination, fields.count == 3 else {
            throw .incompleteSignature(
                "Credential must have exactly 5 slash-delimited elements, e.g. "
                    + "keyid/date/region/service/aws4_request.")
        }
        let names = headers.split(separator: ";", omittingEmptySubsequences: false).map(String.init)
        guard names == names.map({ $0.lowercased() }).sorted(), Set(names).count == names.count,
            signature.utf8.count == 64, signature.utf8.allSatisfy(Self.isHexDigit)
        else { throw .incompleteSignature("The Authorization header is malformed.") }
        accessKeyID = String(parts[0])
        date = String(parts[1])
        region = String(parts[2])
        service = String(parts[3])
        signedHeaders = names
        self.signature = signature
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }

    private static func lacks(_ name: String) -> CognitoError {
        .incompleteSignature("Authorization header requires '\(name)' parameter.")
    }
}
