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

    private func findings(_ stack: String) -> [Finding] {
        PAMStackCheck.findings(
            service: "x", stack.split(separator: "\n").compactMap { PAMLine($0) })
    }
}
