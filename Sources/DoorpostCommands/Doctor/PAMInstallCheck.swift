import DoorpostSetup
import Glibc

/// Whether module and helper are where PAM looks for them, and only root can change them.
enum PAMInstallCheck {
    static let helper = "/usr/libexec/doorpost/doorpost-pam"

    static func run() -> [Finding] {
        var findings = trusted(helper, "helper", nil)
        let modules = moduleDirectories.map { directory -> String in "\(directory)/pam_doorpost.so"
        }.filter {
            access($0, F_OK) == 0
        }
        if modules.isEmpty {
            findings.append(
                .warning(
                    "pam", "pam_doorpost.so is not installed where PAM looks for it",
                    "run: make install"))
        }
        for module in modules { findings += trusted(module, "PAM module", nil) }
        return findings.isEmpty
            ? [.ok("pam", "module and helper are installed and safe")] : findings
    }

    /// What is wrong with a file that runs inside other programs, or as root.
    static func trusted(_ path: String, _ noun: String, _ service: String?) -> [Finding] {
        let place = service.map { "\($0): " } ?? ""
        var status = stat()
        guard stat(path, &status) == 0 else {
            // Not installed is nothing wrong; a stack that names what is not there is.
            return service == nil
                ? [.warning("pam", "\(noun) \(path) is not installed", "run: make install")]
                : [.problem("pam", "\(place)\(noun) \(path) is not there", "correct the path")]
        }
        // A socket's mode says who may connect.
        let isClosed = status.st_mode & S_IFMT == S_IFSOCK || status.st_mode & 0o022 == 0
        guard status.st_uid == 0, isClosed else {
            return [
                .problem(
                    "pam", "\(place)\(noun) \(path) can be changed by others than root",
                    "run: chown root \(path); chmod go-w \(path)")
            ]
        }
        return []
    }

    private static var moduleDirectories: [String] {
        let machines = [
            "x86_64-linux-gnu", "aarch64-linux-gnu", "arm-linux-gnueabihf", "riscv64-linux-gnu",
        ]
        return machines.map { "/usr/lib/\($0)/security" } + [
            "/usr/lib/security", "/usr/lib64/security",
        ]
    }
}
