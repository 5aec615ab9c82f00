import DoorpostCenter
import DoorpostCore
import DoorpostTokens

/// The keys of `doorpost.yaml`, their defaults and bounds. One function a section.
extension Configuration {
    /// Reads the whole file. What is wrong is noted with the reader, the default put in its place.
    static func read(_ file: Section, path: String) -> Self {
        let center = readCenter(file)
        let issuer = file.value("issuer", default: "", WebAddress.parseIssuer)
        let configuration = Self(
            path: path, issuer: issuer,
            pool: file.value("pool", default: "local_Main", parsePool),
            store: readStore(file),
            center: center,
            keys: file.file("keys") ?? "/var/lib/doorpost/keys",
            runAs: file.value("run_as", default: nil, parseAccount),
            mail: readMail(file.section("mail"), isNeeded: center == nil),
            code: readCode(file.section("code")),
            limits: readLimits(file.section("limits")), signup: readSignup(file),
            tokens: readTokens(file.section("tokens")), http: readHTTP(file.section("http")),
            pam: readPAM(file.section("pam")), triggers: readTriggers(file.section("triggers")))
        if center == nil, !file.has("issuer") {
            file.note("issuer", "must be set: the public URL, the 'iss' of every token")
        }
        file.finish()
        return configuration
    }

    private static func readStore(_ file: Section) -> StoreLocation {
        file.value("store", default: .sqlite(path: "/var/lib/doorpost/doorpost.db")) {
            text throws(ValueError) in
            try StoreLocation(text, relativeTo: file.reader.base)
        }
    }

    private static func readCode(_ section: Section) -> CodePolicy {
        let standard = CodePolicy.standard
        let policy = CodePolicy(
            alphabet: section.choice("alphabet", default: standard.alphabet),
            length: section.count(
                "length", default: standard.length, in: 6...12,
                why: "fewer can be guessed, more cannot be typed"),
            lifetime: section.span(
                "lifetime", default: standard.lifetime, in: .minutes(1) ... .minutes(10)),
            attempts: section.count("attempts", default: standard.attempts, in: 1...5),
            resendAfter: section.span(
                "resend_after", default: standard.resendAfter, in: .seconds(0) ... .minutes(10)))
        section.finish()
        return policy
    }

    private static func readLimits(_ section: Section) -> LimitPolicy {
        let standard = LimitPolicy.standard
        func rates(_ name: LimitName, _ fallback: [Rate]) -> [Rate] {
            let rates = section.list(name.rawValue, default: fallback, atMost: 4, RateText.parse)
            if rates.isEmpty { section.note(name.rawValue, "must hold a rate (write 5/h)") }
            return rates
        }
        let policy = LimitPolicy(
            mailsPerAddress: rates(.mailsPerAddress, standard.mailsPerAddress),
            failuresPerAccount: rates(.failuresPerAccount, standard.failuresPerAccount),
            startsPerSource: rates(.startsPerSource, standard.startsPerSource),
            failuresPerSource: rates(.failuresPerSource, standard.failuresPerSource),
            failuresTotal: rates(.failuresTotal, standard.failuresTotal),
            mailsTotal: rates(.mailsTotal, standard.mailsTotal),
            liveChallenges: standard.liveChallenges)
        section.finish()
        return policy
    }

    private static func readSignup(_ file: Section) -> SignupPolicy {
        let words = file.list("signup", default: ["closed"]) { text throws(ValueError) in
            guard ["open", "closed"].contains(text) || isDomain(text) else {
                throw ValueError("must be closed, open or a list of domains")
            }
            return text.lowercased()
        }
        if words == ["closed"] || words.isEmpty { return .closed }
        if words == ["open"] { return .open }
        if words.contains("open") || words.contains("closed") {
            file.note("signup", "must be closed, open or a list of domains, not a mixture")
        }
        return .domains(words)
    }

    private static func readTokens(_ section: Section) -> TokenSection {
        let tokens = TokenSection(
            algorithm: section.choice("algorithm", default: .es256),
            id: section.span("id", default: .minutes(60), in: .minutes(1) ... .days(1)),
            access: section.span("access", default: .minutes(60), in: .minutes(1) ... .days(1)),
            refresh: section.span("refresh", default: .days(30), in: .hours(1) ... .days(365)),
            refreshGrace: section.span(
                "refresh_grace", default: .seconds(30), in: .seconds(0) ... .minutes(10)))
        section.finish()
        return tokens
    }

    private static func readPAM(_ section: Section) -> PAMSection {
        let pam = PAMSection(
            sessionLifetime: section.span(
                "session_lifetime", default: .hours(12), in: .minutes(1) ... .days(30)),
            sessionDirectory: section.file("session_directory") ?? "/run/doorpost/sessions",
            deadline: section.span(
                "deadline", default: .seconds(100), in: .seconds(10) ... .minutes(10)),
            prompt: section.value("prompt", default: nil) { text throws(ValueError) in
                guard text.utf8.count <= 200 else { throw ValueError("is longer than 200 bytes") }
                return text
            })
        section.finish()
        return pam
    }
}
