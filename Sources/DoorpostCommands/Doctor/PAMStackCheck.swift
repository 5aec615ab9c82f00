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
    ///
    /// - Parameter standard: the configuration of lines that name none.
    static func findings(
        service: String, _ lines: [PAMLine], standard: String = Configuration.standardPath
    ) -> [Finding] {
        let ours = lines.filter(\.isDoorpost)
        var findings = ours.flatMap { fileFindings($0, service) }
        for config in Set(ours.map { $0.value(of: "config") ?? standard }).sorted() {
            findings += configurationFindings(config, service)
        }
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
        return findings
    }

    /// A stack that asks for codes of a Doorpost that is not configured refuses everybody.
    private static func configurationFindings(_ path: String, _ service: String) -> [Finding] {
        if geteuid() != 0, access(path, R_OK) != 0, errno == EACCES { return [.needsRoot("pam")] }
        do {
            _ = try Configuration.load(path: path)
            return []
        } catch {
            let isProfile = service.hasPrefix("common-")
            return [
                .problem(
                    "pam",
                    "\(service) asks for codes that nobody gets, and locks people out: "
                        + error.lines[0],
                    "mend that file, or "
                        + (isProfile
                            ? "run: pam-auth-update --disable doorpost"
                            : "take the lines with pam_doorpost.so out of the service"))
            ]
        }
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
