import Crypto

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The secrets of the flow. They live outside the store, so that a stolen store tells neither
/// codes nor mails.
package struct FlowKeys: Sendable {
    private let codes: SymmetricKey
    private let mails: SymmetricKey
    private let subjects: SymmetricKey
    private let handles: SymmetricKey
    private let refreshes: SymmetricKey
    /// For what triggers ask, and for what.
    let rounds: SymmetricKey
    /// For secrets of clients.
    let secrets: SymmetricKey
    /// For what hosts prove themselves by.
    let hosts: SymmetricKey

    /// Bytes of the master secret.
    package static let secretSize = 32

    /// Derives the keys, one for each use, from the master secret (HKDF-SHA-256).
    ///
    /// - Returns: nil if the secret is not ``secretSize`` bytes.
    package init?(secret: [UInt8]) {
        guard secret.count == Self.secretSize else { return nil }
        // Extracted once for all: a helper makes these keys at every login.
        let master = HKDF<SHA256>.extract(
            inputKeyMaterial: SymmetricKey(data: secret), salt: [UInt8]())
        func derive(_ use: String) -> SymmetricKey {
            HKDF<SHA256>.expand(
                pseudoRandomKey: master, info: Array("doorpost \(use)".utf8), outputByteCount: 32)
        }
        codes = derive("codes")
        mails = derive("mails")
        subjects = derive("subjects")
        handles = derive("handles")
        refreshes = derive("refreshes")
        rounds = derive("rounds")
        secrets = derive("secrets")
        hosts = derive("hosts")
    }

    /// What the store keeps in the place of a code: bound to one challenge and its purpose, so
    /// that it opens nothing else.
    func hash(_ code: [UInt8], challenge: ChallengeID, purpose: String) -> [UInt8] {
        Array(
            HMAC<SHA256>.authenticationCode(
                for: Self.message(code, challenge, purpose), using: codes))
    }

    /// Whether an answer is the code, in a time that does not depend on where they differ.
    func matches(
        _ answer: CodeAnswer, hash: [UInt8], challenge: ChallengeID, purpose: String
    ) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(
            hash, authenticating: Self.message(answer.normalized, challenge, purpose),
            using: codes)
    }

    /// Lengths stand before the parts, so that no two inputs run together into one message.
    private static func message(
        _ code: [UInt8], _ challenge: ChallengeID, _ purpose: String
    ) -> [UInt8] {
        [Array(challenge.text.utf8), Array(purpose.utf8), code].flatMap { part in
            withUnsafeBytes(of: UInt32(part.count).bigEndian, Array.init) + part
        }
    }

    /// A name for something that is not a user, that does not give it away: people type
    /// passwords where a user name is asked for.
    func pseudonym(_ text: String) -> String { Hex.text(pseudonymBytes(text)) }

    /// 16 bytes in which nobody sees what they were made from.
    func pseudonymBytes(_ text: String) -> [UInt8] {
        Array(
            HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: subjects).prefix(16))
    }

    /// Seals a mail for the outbox (AES-256-GCM, bound to its id).
    func seal(_ mail: CodeMail, id: MailID) throws -> [UInt8] {
        let plain = try JSONEncoder().encode(mail)
        let box = try AES.GCM.seal(plain, using: mails, authenticating: Array(id.text.utf8))
        return Array(box.nonce) + Array(box.ciphertext) + Array(box.tag)
    }

    /// Opens a sealed mail.
    ///
    /// - Throws: if it was sealed with another key, for another id, or was changed or erased.
    func open(_ item: OutboxItem) throws -> CodeMail {
        let box = try AES.GCM.SealedBox(combined: item.sealed)
        let plain = try AES.GCM.open(box, using: mails, authenticating: Array(item.id.text.utf8))
        return try JSONDecoder().decode(CodeMail.self, from: plain)
    }
}

extension FlowKeys {
    /// Seals what a handle holds (AES-256-GCM): who has the store alone cannot make one.
    func sealHandle(_ content: [UInt8]) throws -> [UInt8] {
        let box = try AES.GCM.seal(content, using: handles)
        return Array(box.nonce) + Array(box.ciphertext) + Array(box.tag)
    }

    /// Opens a handle; throws if it is none of ours.
    func openHandle(_ sealed: [UInt8]) throws -> [UInt8] {
        Array(try AES.GCM.open(AES.GCM.SealedBox(combined: sealed), using: handles))
    }

    /// What makes a refresh token ours: bound to its session and its place in the family.
    func refreshTag(_ session: SessionID, generation: Int) -> [UInt8] {
        Array(
            HMAC<SHA256>.authenticationCode(
                for: Array("\(session.text).\(generation)".utf8), using: refreshes))
    }

    /// Whether a tag is that of the token, in a time that does not depend on where they differ.
    func isRefreshTag(_ tag: [UInt8], of session: SessionID, generation: Int) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(
            tag, authenticating: Array("\(session.text).\(generation)".utf8), using: refreshes)
    }
}

extension FlowKeys: CustomStringConvertible {
    package var description: String { "FlowKeys(redacted)" }
}
