import DoorpostSetup
import Glibc

/// The settings of sshd and login that a code by mail needs.
enum SSHDCheck {
    static func run() -> [Finding] {
        login(SystemText.lines("/etc/login.defs")) + sshd()
    }

    private static func sshd() -> [Finding] {
        guard access("/usr/sbin/sshd", X_OK) == 0 else { return [] }
        guard geteuid() == 0 else { return [.needsRoot("sshd")] }
        guard let lines = SystemText.output(of: "/usr/sbin/sshd -T 2>/dev/null") else {
            return [
                .warning("sshd", "sshd -T says nothing", "run it and see what is wrong: sshd -T")
            ]
        }
        return settings(lines)
    }

    /// What is wrong with the settings that `sshd -T` prints.
    static func settings(_ lines: [Substring]) -> [Finding] {
        var values: [String: String] = [:]
        for line in lines {
            let words = line.split(separator: " ", maxSplits: 1)
            if words.count == 2, values[String(words[0])] == nil {
                values[String(words[0])] = String(words[1])
            }
        }
        var findings: [Finding] = []
        for key in ["UsePAM", "KbdInteractiveAuthentication"]
        where values[key.lowercased()] != "yes" {
            findings.append(
                .problem("sshd", "\(key) is off, so sshd never asks for a code", "set \(key) yes"))
        }
        if values["passwordauthentication"] == "yes" {
            findings.append(
                .warning(
                    "sshd",
                    "PasswordAuthentication is on: each guess of a password bot asks PAM, and mails a code",
                    "set PasswordAuthentication no"))
        }
        if let grace = values["logingracetime"].flatMap({ Int($0) }), grace != 0, grace < 120 {
            findings.append(
                .warning(
                    "sshd", "LoginGraceTime is \(grace) s: mail may be slower",
                    "set LoginGraceTime 120"))
        }
        return findings.isEmpty ? [.ok("sshd", "its settings let codes work")] : findings
    }

    /// What is wrong with login.defs.
    static func login(_ lines: [Substring]?) -> [Finding] {
        for line in lines ?? [] {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count == 2, words[0] == "LOGIN_TIMEOUT", let seconds = Int(words[1]) else {
                continue
            }
            if seconds != 0, seconds < 120 {
                return [
                    .warning(
                        "login", "LOGIN_TIMEOUT is \(seconds) s: mail may be slower",
                        "set LOGIN_TIMEOUT 120 in /etc/login.defs")
                ]
            }
        }
        return []
    }
}
