import DoorpostSetup
import Glibc

/// The services whose PAM stacks use us, and the mistakes that such stacks are known for.
enum PAMStackCheck {
    static func run(directory: String = "/etc/pam.d") -> [Finding] {
        guard let names = try? fileNames(in: directory) else {
            return [.warning("pam", "\(directory) cannot be read", "")]
        }
        let stacks = names.sorted().map { name in
            (name, (SystemText.lines("\(directory)/\(name)") ?? []).compactMap { PAMLine($0) })
        }.filter { $0.1.contains { $0.isDoorpost } }
        guard !stacks.isEmpty else {
            return [
                .warning(
                    "pam", "no service in \(directory) uses pam_doorpost.so",
                    "copy a stack from /usr/share/doorpost/pam.d")
            ]
        }
        return stacks.flatMap { name, lines in findings(service: name, lines) }
    }

    /// What is wrong with one service's stack.
    static func findings(service: String, _ lines: [PAMLine]) -> [Finding] {
        var findings = lines.filter(\.isDoorpost).flatMap { fileFindings($0, service) }
        let auth = lines.filter { $0.type == "auth" || $0.isInclude }
        if let index = auth.firstIndex(where: \.isDoorpost) {
            let ours = auth[index]
            let after = auth[(index + 1)...]
            if ours.control == "sufficient",
                !after.contains(where: { $0.isInclude || $0.moduleName == "pam_deny.so" })
            {
                findings.append(
                    .problem(
                        "pam",
                        "\(service): 'auth sufficient pam_doorpost.so' has no pam_deny.so after it",
                        "add: auth requisite pam_deny.so"))
            }
            findings += codeOnlyFindings(service, ours, auth)
        }
        return findings.isEmpty ? [.ok("pam", "\(service): its stack is sound")] : findings
    }

    private static func codeOnlyFindings(
        _ service: String, _ ours: PAMLine, _ auth: [PAMLine]
    ) -> [Finding] {
        let helpers = [
            "pam_doorpost.so", "pam_deny.so", "pam_permit.so", "pam_nologin.so", "pam_env.so",
            "pam_faildelay.so", "pam_succeed_if.so", "pam_rootok.so", "pam_securetty.so",
        ]
        guard auth.allSatisfy({ !$0.isInclude && helpers.contains($0.moduleName) }) else {
            return []
        }
        var findings: [Finding] = []
        if ours.value(of: "setcred") != "always" {
            findings.append(
                .problem(
                    "pam", "\(service): the code is the only way in, but setcred=always is missing",
                    "add setcred=always, or sshd refuses after the right code"))
        }
        if !auth.contains(where: { ["pam_rootok.so", "pam_succeed_if.so"].contains($0.moduleName) })
        {
            findings.append(
                .warning(
                    "pam", "\(service): root has no other way in when mail is down",
                    "let root skip the line: auth [success=1 default=ignore] pam_succeed_if.so uid = 0 quiet"
                ))
        }
        return findings
    }

    private static func fileFindings(_ line: PAMLine, _ service: String) -> [Finding] {
        var findings: [Finding] = []
        if line.module.hasPrefix("/") {
            findings += PAMInstallCheck.trusted(line.module, "PAM module", service)
        }
        if let helper = line.value(of: "helper") {
            findings += PAMInstallCheck.trusted(helper, "helper", service)
        }
        if let config = line.value(of: "config") {
            do {
                _ = try Configuration.load(path: config)
            } catch {
                findings.append(.problem("pam", "\(service): \(error.lines[0])", "mend that file"))
            }
        }
        return findings
    }

    private static func fileNames(in directory: String) throws -> [String] {
        guard let handle = opendir(directory) else { throw CommandFailure(.io, directory) }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            // What editors and dpkg leave behind is not read by PAM under a service's name.
            if !name.hasPrefix("."), !name.hasSuffix("~"), !name.contains(".dpkg-") {
                names.append(name)
            }
        }
        return names
    }
}
