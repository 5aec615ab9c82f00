package import DoorpostCore
import NIOSSL
import Synchronization

/// The certificate that new connections are shown.
package final class ServerTLS: Sendable {
    /// Why a certificate and key cannot be used.
    package struct Fault: Error, Equatable, Sendable {
        /// Which of the two files is wrong.
        package enum Part: Sendable { case certificate, key, both }

        package var part: Part
        /// Goes on from the file's name.
        package var text: String
    }

    private let current: Mutex<NIOSSLContext>

    /// - Parameters:
    ///   - certificate: the certificate and those between it and the root, in PEM.
    ///   - key: its private key, in PEM, without a passphrase.
    package init(certificate: [UInt8], key: [UInt8]) throws(Fault) {
        current = Mutex(try Self.makeContext(certificate, key))
    }

    /// Another certificate for the connections that come from now on.
    ///
    /// - Throws: ``Fault``; the one that was there stays.
    package func replace(certificate: [UInt8], key: [UInt8]) throws(Fault) {
        let context = try Self.makeContext(certificate, key)
        current.withLock { $0 = context }
    }

    var context: NIOSSLContext { current.withLock { $0 } }

    /// Until when a certificate is good: the first of those in PEM, the server's own.
    ///
    /// - Returns: nil if it is none.
    package static func expiry(of certificate: [UInt8]) -> Timestamp? {
        (try? NIOSSLCertificate.fromPEMBytes(certificate))?.first.map {
            Timestamp(seconds: Int64($0.notValidAfter))
        }
    }

    private static func makeContext(_ certificate: [UInt8], _ key: [UInt8]) throws(Fault)
        -> NIOSSLContext
    {
        guard let chain = try? NIOSSLCertificate.fromPEMBytes(certificate), !chain.isEmpty else {
            throw Fault(part: .certificate, text: "holds no certificate in PEM")
        }
        guard let privateKey = try? NIOSSLPrivateKey(bytes: key, format: .pem) else {
            throw Fault(part: .key, text: "holds no private key in PEM (without a passphrase)")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(privateKey))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        guard let context = try? NIOSSLContext(configuration: configuration) else {
            throw Fault(part: .both, text: "the key is not that of the certificate")
        }
        return context
    }
}
