import Crypto

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension FlowKeys {
    /// Seals a client's secret for the store (AES-256-GCM, bound to the client).
    func seal(_ secret: ClientSecret, of client: ClientID) throws -> [UInt8] {
        try sealSecret(secret.text, of: "client \(client.text)")
    }

    /// The secret of a client; nil if it has none.
    ///
    /// - Throws: if it was sealed with another key or for another client.
    package func secret(of client: AppClient) throws -> ClientSecret? {
        try client.sealedSecret.map { ClientSecret(try openSecret($0, of: "client \(client.id)")) }
    }

    /// - Parameter owner: whose secret it is; sealed for one, it opens for no other.
    func sealSecret(_ secret: String, of owner: String) throws -> [UInt8] {
        let box = try AES.GCM.seal(
            Array(secret.utf8), using: secrets, authenticating: Array(owner.utf8))
        return Array(box.nonce) + Array(box.ciphertext) + Array(box.tag)
    }

    /// Opens what ``sealSecret(_:of:)`` made.
    func openSecret(_ sealed: [UInt8], of owner: String) throws -> String {
        let plain = try AES.GCM.open(
            AES.GCM.SealedBox(combined: sealed), using: secrets,
            authenticating: Array(owner.utf8))
        return String(decoding: plain, as: UTF8.self)
    }
}
