import DoorpostCore
import DoorpostSetup

/// Whether tokens can be signed, and with a key that is not too old.
enum KeysCheck {
    static func run(_ configuration: Configuration) -> [Finding] {
        let now = SystemClock().now
        let keys: [SigningKeyInfo]
        do {
            _ = try SecretFile.read(configuration.secretFile)
            try configuration.checkSigningKeys()
            keys = try configuration.signingKeys(at: now)
        } catch {
            return [.problem("keys", error.detail, "")]
        }
        guard let signing = keys.first(where: { $0.state == .signing }) else {
            return [.problem("keys", "no key signs", "run: doorpost key rotate")]
        }
        let age = (now - signing.signsFrom).milliseconds / Span.days(1).milliseconds
        if age > 90, !keys.contains(where: { $0.state == .next }) {
            return [
                .warning("keys", "the signing key is \(age) days old", "run: doorpost key rotate")
            ]
        }
        return [.ok("keys", "secret and signing key are there (\(signing.algorithm), \(age) days)")]
    }
}
