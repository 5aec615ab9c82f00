import DoorpostCore
import Foundation
import Testing

@testable import DoorpostCommands

@Suite("The doctor")
struct DoctorTests {
    @Test(
        "knows the mistakes that PAM stacks are made with",
        arguments: [
            (
                "auth sufficient pam_doorpost.so setcred=always\nauth required pam_unix.so",
                "has no pam_deny.so"
            ),
            ("auth requisite pam_doorpost.so", "setcred=always is missing"),
            (
                "auth [success=1 default=ignore] pam_doorpost.so setcred=always\nauth requisite pam_deny.so",
                "root has no other way in"
            ),
            (
                "auth required pam_doorpost.so helper=/nonexistent/h\n@include common-auth",
                "helper /nonexistent/h is not there"
            ),
            (
                "auth required /nonexistent/pam_doorpost.so\n@include common-auth",
                "PAM module /nonexistent/pam_doorpost.so is not there"
            ),
            (
                "auth required pam_doorpost.so config=/nonexistent/c\n@include common-auth",
                "configuration file is not there"
            ),
        ])
    func mistakes(stack: String, said: String) {
        #expect(findings(stack).contains { $0.state != .ok && $0.what.contains(said) })
    }

    @Test(
        "is content with stacks that are sound",
        arguments: [
            "auth [success=done user_unknown=ignore default=die] pam_doorpost.so\n@include common-auth",
            "auth sufficient pam_doorpost.so\nauth requisite pam_unix.so\nauth requisite pam_deny.so",
            """
            auth [success=2 default=ignore] pam_succeed_if.so uid = 0 quiet
            auth [success=1 default=ignore] pam_doorpost.so setcred=always
            auth requisite pam_deny.so
            auth required pam_permit.so
            """,
        ])
    func sound(stack: String) {
        #expect(findings(stack).map(\.state) == [.ok])
    }

    @Test("reads what sshd -T prints")
    func sshd() {
        let good = [
            "usepam yes", "kbdinteractiveauthentication yes", "passwordauthentication no",
            "logingracetime 120",
        ]
        #expect(SSHDCheck.settings(good.map { $0[...] }).map(\.state) == [.ok])
        let bad = [
            "usepam no", "kbdinteractiveauthentication no", "passwordauthentication yes",
            "logingracetime 60",
        ]
        #expect(
            SSHDCheck.settings(bad.map { $0[...] }).map(\.state) == [
                .problem, .problem, .warning, .warning,
            ])
        #expect(SSHDCheck.login(["LOGIN_TIMEOUT\t60"]).map(\.state) == [.warning])
        #expect(SSHDCheck.login(["LOGIN_TIMEOUT 300"]).isEmpty)
        #expect(SSHDCheck.login(nil).isEmpty)
    }

    @Test(
        "tells of stacks that ask for codes while nothing is configured",
        arguments: [nil, "# issuer: https://a.example\nmail: { transport: outbox:out }"])
    func unconfigured(configuration: String?) throws {
        let lines = ["auth", "account", "session"].compactMap {
            PAMLine("\($0) required pam_doorpost.so")
        }
        try withFile(configuration) { path in
            for (service, remedy) in [("sshd", "take the lines"), ("common-auth", "--disable")] {
                let found = PAMStackCheck.findings(service: service, lines, standard: path)
                    .filter { $0.what.contains("\(service) asks for codes") }
                try #require(found.map(\.state) == [.problem], "\(found)")
                #expect(found[0].what.contains("locks people out: \(path):"))
                #expect(found[0].remedy.contains(remedy))
            }
        }
    }

    static let clocks: [(Int64, String)] = [
        (0, ""), (60, ""), (-60, ""), (61, "61 s ahead of"), (-3600, "3600 s behind"),
    ]

    @Test("tells of a clock that is more than a minute off the center's", arguments: clocks)
    func clock(seconds: Int64, said: String) {
        let now = Timestamp(seconds: 1_800_000_000)
        let found = CenterCheck.clock(now, ours: now + .seconds(seconds))
        #expect(found.map(\.state) == [said.isEmpty ? .ok : .problem])
        #expect(said.isEmpty || found[0].what.contains(said))
        #expect(CenterCheck.clock(nil, ours: now).isEmpty)
    }

    static let certificates: [Int64: Finding.State] = [
        30: .ok, 29: .warning, 7: .warning, 6: .problem, 0: .problem, -1: .problem,
    ]

    @Test("tells of a certificate that ends soon", arguments: certificates.keys)
    func certificate(days: Int64) {
        let now = Timestamp(seconds: 1_800_000_000)
        let found = TLSCheck.finding("/x.pem", now + .days(days), now: now)
        #expect(found.state == Self.certificates[days] && found.what.contains("/x.pem"))
        #expect(TLSCheck.finding("/x.pem", nil, now: now).state == .problem)
    }

    private func findings(_ stack: String) -> [Finding] {
        var found: [Finding] = []
        try? withFile("issuer: https://a.example\nmail: { from: a@b.example }") { path in
            found = PAMStackCheck.findings(
                service: "x", stack.split(separator: "\n").compactMap { PAMLine($0) },
                standard: path)
        }
        return found
    }

    /// A file of ours with this text, or with nil the path of none.
    private func withFile(_ text: String?, _ body: (String) throws -> Void) throws {
        let path = "\(NSTemporaryDirectory())/doorpost-doctor-\(UUID()).yaml"
        if let text { try text.write(toFile: path, atomically: false, encoding: .utf8) }
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }
}
