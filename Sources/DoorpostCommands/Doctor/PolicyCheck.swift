import DoorpostCore
import DoorpostSetup
import Glibc

/// Values that are allowed, but that one should know about.
enum PolicyCheck {
    static func run(_ configuration: Configuration) -> [Finding] {
        var findings = configuration.center == nil ? ownPolicy(configuration) : []
        if geteuid() == 0, configuration.runAs == nil {
            findings.append(
                .warning(
                    "run_as", "the helper stays root while it looks at what strangers send",
                    "make an account for it and set run_as"))
        }
        return findings.isEmpty
            ? [.ok("policy", "codes, limits and account are as advised")] : findings
    }

    /// What a center decides for those who ask it.
    private static func ownPolicy(_ configuration: Configuration) -> [Finding] {
        var findings: [Finding] = []
        let code = configuration.code
        if code.alphabet == .digits, code.length < 8 {
            findings.append(
                .warning(
                    "code",
                    "a code has \(code.length) digits, a hundred times easier to guess than 8",
                    "set code.length to 8"))
        }
        if configuration.issuer.hasPrefix("http://"),
            !configuration.issuer.hasPrefix("http://127."),
            !configuration.issuer.hasPrefix("http://localhost")
        {
            findings.append(
                .warning("issuer", "\(configuration.issuer) is not https", "use an https URL"))
        }
        return findings
    }
}
