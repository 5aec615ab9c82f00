import Crypto

/// What a host proves itself by: `dph_<id>_<secret>`. A secret; its description is redacted.
package struct HostKey: Hashable, Sendable {
    package let id: HostID
    fileprivate let secret: String

    private static let prefix = "dph_"
    private static let idLength = 12
    /// 36 to the power of 50 is 258 bits.
    private static let secretLength = 50

    /// The credential as it is written down.
    package var text: String { "\(Self.prefix)\(id)_\(secret)" }

    private init(id: HostID, secret: String) {
        self.id = id
        self.secret = secret
    }

    /// Reads a credential.
    ///
    /// - Returns: nil if it does not look like one; whether it is good only ``FlowKeys`` knows.
    package init?(_ text: String) {
        guard text.hasPrefix(Self.prefix) else { return nil }
        let parts = text.dropFirst(Self.prefix.count).split(
            separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 2, Self.isDrawn(parts[0], Self.idLength),
            Self.isDrawn(parts[1], Self.secretLength)
        else { return nil }
        self.init(id: HostID(String(parts[0])), secret: String(parts[1]))
    }

    static func draw(from random: any RandomSource) -> Self {
        Self(
            id: HostID(AlphanumericText.draw(idLength, from: random)),
            secret: AlphanumericText.draw(secretLength, from: random))
    }

    private static func isDrawn(_ text: Substring, _ length: Int) -> Bool {
        text.utf8.count == length
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x7a).contains($0)
            }
    }
}

extension HostKey: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String { "HostKey(\(id), redacted)" }
    package var debugDescription: String { description }
}

extension FlowKeys {
    /// What the store keeps in the place of a host's credential.
    func hash(_ key: HostKey) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Self.message(key), using: hosts))
    }

    /// Whether a credential is the host's, in a time that does not depend on where they differ.
    package func isKey(_ key: HostKey, of host: EnrolledHost) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(
            host.keyHash, authenticating: Self.message(key), using: hosts)
    }

    private static func message(_ key: HostKey) -> [UInt8] {
        Array("\(key.id) \(key.secret)".utf8)
    }
}
