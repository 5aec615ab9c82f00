import Testing

@testable import DoorpostHTTP

@Suite("Why a TLS handshake failed")
struct HandshakeFailureTests {
    @Test(
        "is said in the names of the errors",
        arguments: [
            (
                "sslError([Error: 268436504 error:10000418:SSL routines:OPENSSL_internal:"
                    + "TLSV1_ALERT_UNKNOWN_CA at /work/ssl/tls_record.cc:491])",
                "TLSV1_ALERT_UNKNOWN_CA"
            ),
            (
                "sslError([Error: 1 error:1:SSL routines:OPENSSL_internal:ONE at a.cc:1, Error: 2 "
                    + "error:2:SSL routines:OPENSSL_internal:TWO at b.cc:2])",
                "ONE TWO"
            ),
            ("sslError([Error:  EOF during handshake])", "the client went away"),
        ])
    func names(description: String, text: String) {
        #expect(HandshakeFailure.text(description) == text)
    }
}
