import DoorpostCore
import DoorpostSetup

/// Permissions of what the configuration names, by the rules that reading them goes by.
enum FilesCheck {
    static func run(_ configuration: Configuration) -> [Finding] {
        var findings: [Finding] = []
        do {
            if let center = configuration.center {
                findings.append(finding(center.keyFile, try configuration.hostKeyRule()))
            } else {
                findings += [
                    finding(
                        configuration.keys,
                        .directory("directory of the keys", remedy: "run: doorpost key init")),
                    finding(configuration.secretFile, SecretFile.rule),
                ]
                if let file = configuration.mail.passwordFile {
                    findings.append(finding(file, try configuration.passwordRule()))
                }
            }
        } catch {
            findings.append(.problem("files", "\(error)", ""))
        }
        if configuration.center == nil, case .sqlite(let path) = configuration.store {
            findings.append(finding(path, .store))
        }
        let directory = configuration.pam.sessionDirectory
        let rule = FileRule.directory("session directory")
        if let fault = rule.fault(at: directory) {
            findings.append(
                fault.isMissing
                    ? .warning(
                        "files", "\(directory): session directory is not there",
                        "run: systemd-tmpfiles --create, or install -d -m 0711 "
                            + "\(configuration.runAs.map { "-o \($0) " } ?? "")\(directory)")
                    : .problem("files", "\(directory): \(fault.text)", "see above"))
        } else {
            findings.append(.ok("files", "\(directory) is safe"))
        }
        return findings
    }

    private static func finding(_ path: String, _ rule: FileRule) -> Finding {
        guard let fault = rule.fault(at: path) else { return .ok("files", "\(path) is safe") }
        let parts = fault.text.split(separator: "; run: ", maxSplits: 1)
        return .problem(
            "files", "\(path): \(parts[0])", parts.count == 2 ? "run: \(parts[1])" : "")
    }
}
