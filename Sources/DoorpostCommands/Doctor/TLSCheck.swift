import DoorpostCore
import DoorpostHTTP
import DoorpostSetup

/// How long the certificate of `serve` is good still: for those who keep it by hand.
enum TLSCheck {
    static func run(_ configuration: Configuration) -> [Finding] {
        do {
            guard let bytes = try configuration.readTLSCertificate() else { return [] }
            return [
                finding(
                    configuration.http.tlsCertificate ?? "", ServerTLS.expiry(of: bytes),
                    now: SystemClock().now)
            ]
        } catch {
            return [.problem("tls", "\(error)", "see above")]
        }
    }

    static func finding(_ path: String, _ expiry: Timestamp?, now: Timestamp) -> Finding {
        guard let expiry else {
            return .problem("tls", "\(path) holds no certificate in PEM", "correct it")
        }
        let days = (expiry - now).milliseconds / Span.days(1).milliseconds
        let until = "until \(UTCTime(expiry).isoText)"
        let remedy = "renew it, then: systemctl reload doorpost"
        return if now >= expiry {
            .problem("tls", "\(path) was good \(until): nobody's program trusts it", remedy)
        } else if days < 7 {
            .problem("tls", "\(path) is good \(until): \(days) days", remedy)
        } else if days < 30 {
            .warning("tls", "\(path) is good \(until): \(days) days", remedy)
        } else {
            .ok("tls", "\(path) is good \(until)")
        }
    }
}
