package import DoorpostCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The flow's master secret on disk: 32 bytes, base64 in one line, mode 0600.
package enum SecretFile {
    /// Who may own and read it.
    package static let rule = FileRule.secret(
        "secret key",
        remedy: "restore it from a backup, or run 'doorpost key init' for a new one "
            + "(codes and mails under way are lost with the old)")

    /// Reads the keys of the flow. Never makes any: a new secret beside an old store would make
    /// everything that waits there unreadable.
    package static func read(_ path: String) throws(TokenError) -> FlowKeys {
        let bytes: [UInt8]
        do {
            bytes = try TrustedFile.read(path, as: rule)
        } catch {
            throw TokenError(.keysUnavailable, "\(path): \(error.text)")
        }
        let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
        guard let secret = Data(base64Encoded: Data(line)),
            let keys = FlowKeys(secret: Array(secret))
        else {
            throw TokenError(
                .keysUnavailable,
                "\(path): is not a secret key (\(FlowKeys.secretSize) bytes in base64 on one line)")
        }
        return keys
    }

    /// Makes a new secret.
    ///
    /// - Throws: ``FileError``; a secret that is there already is left alone.
    package static func create(_ path: String, random: any RandomSource) throws(FileError) {
        let line = Data(random.bytes(FlowKeys.secretSize)).base64EncodedString() + "\n"
        try NewFile.write(line.utf8, to: path, mode: 0o600)
    }
}
