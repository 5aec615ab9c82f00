import Crypto
import DoorpostCore

/// AWS Signature Version 4: what the holder of a secret makes of a request.
enum Signature {
    /// Whether the header's signature is that of the request, in a time that does not depend on
    /// where they differ.
    ///
    /// - Parameter time: `X-Amz-Date`.
    static func matches(
        _ header: SignatureHeader, _ request: CanonicalRequest, time: String, secret: APISecret
    ) -> Bool {
        let hash = Hex.text(SHA256.hash(data: Array(request.text.utf8)))
        let text = "\(SignatureHeader.algorithm)\n\(time)\n\(header.scope)\n\(hash)"
        let key = key(secret, header)
        guard let given = bytes(header.signature) else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(
            given, authenticating: Array(text.utf8), using: key)
    }

    /// The secret, narrowed to a day, a region and a service.
    private static func key(_ secret: APISecret, _ header: SignatureHeader) -> SymmetricKey {
        let first = SymmetricKey(data: Array("AWS4\(secret.text)".utf8))
        return [header.date, header.region, header.service, SignatureHeader.termination]
            .reduce(first) { key, part in
                let code = HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: key)
                return SymmetricKey(data: Array(code))
            }
    }

    private static func bytes(_ hex: String) -> [UInt8]? {
        let digits = Array(hex.utf8)
        let bytes = stride(from: 0, to: digits.count - 1, by: 2).compactMap { index in
            UInt8(String(decoding: digits[index...(index + 1)], as: UTF8.self), radix: 16)
        }
        return bytes.count * 2 == digits.count ? bytes : nil
    }
}
