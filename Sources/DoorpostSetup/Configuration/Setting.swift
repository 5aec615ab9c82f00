import DoorpostCenter
import DoorpostCore
import DoorpostMail
import DoorpostTokens

/// One key of the configuration with the value that holds, for showing.
package struct Setting: Hashable, Sendable {
    package enum Value: Hashable, Sendable {
        case none
        case number(Int)
        case text(String)
        case list([String])
        case section([Setting])
    }

    package var key: String
    package var value: Value

    /// The settings as `doorpost.yaml` writes them; what is not set is left out.
    package static func yaml(_ settings: [Setting], indent: String = "") -> String {
        settings.map { setting in
            switch setting.value {
            case .none: ""
            case .number(let number): "\(indent)\(setting.key): \(number)\n"
            case .text(let text): "\(indent)\(setting.key): \(quote(text))\n"
            case .list(let items):
                "\(indent)\(setting.key): [\(items.map(quote).joined(separator: ", "))]\n"
            case .section(let inner):
                "\(indent)\(setting.key):\n" + yaml(inner, indent: indent + "  ")
            }
        }.joined()
    }

    /// A YAML scalar that is read back as the same text.
    package static func quote(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
                || (0x61...0x7a).contains(byte) || "/:._@+-".utf8.contains(byte)
        }
        if isPlain, text.first?.isLetter == true || text.first == "/", text.last != ":",
            text != "null"
        {
            return text
        }
        let escaped = text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined()
        return "\"\(escaped)\""
    }
}

extension Configuration {
    /// All keys with the values that hold, in the order of the documentation. Where a center is
    /// asked, its own hold for all the others.
    package var settings: [Setting] {
        if let center {
            return [
                .init(key: "server", value: value(of: center.address)),
                .init(key: "host_key", value: .text(center.keyFile)),
                .init(key: "run_as", value: optional(runAs)),
                .init(
                    key: "pam",
                    value: .section(pamSettings.filter { $0.key != "session_lifetime" })),
            ]
        }
        return [
            .init(key: "issuer", value: .text(issuer)), .init(key: "pool", value: .text(pool)),
            .init(key: "store", value: .text("\(store)")), .init(key: "keys", value: .text(keys)),
            .init(key: "run_as", value: optional(runAs)),
            .init(key: "mail", value: .section(mailSettings)),
            .init(key: "code", value: .section(codeSettings)),
            .init(key: "limits", value: .section(limitSettings)),
            .init(key: "signup", value: signupValue),
            .init(key: "tokens", value: .section(tokenSettings)),
            .init(key: "http", value: .section(httpSettings)),
            .init(key: "pam", value: .section(pamSettings)),
            .init(key: "triggers", value: triggerValue),
        ]
    }

    private func value(of address: CenterAddress) -> Setting.Value {
        guard address.caFile != nil || address.proxy != nil else { return .text(address.url) }
        return .section([
            .init(key: "url", value: .text(address.url)),
            .init(key: "ca_file", value: optional(address.caFile)),
            .init(key: "proxy", value: optional(address.proxy)),
        ])
    }

    private var mailSettings: [Setting] {
        [
            .init(key: "from", value: .text(MailText.sender(mail.from))),
            .init(key: "bounces", value: optional(mail.bounces?.address.canonical)),
            .init(key: "transport", value: .text(mail.transportText)),
            .init(key: "username", value: optional(mail.username)),
            .init(key: "password_file", value: optional(mail.passwordFile)),
            .init(key: "tls", value: .text(mail.tls.rawValue)),
            .init(key: "ca_file", value: optional(mail.caFile)),
        ]
    }

    private var codeSettings: [Setting] {
        [
            .init(key: "alphabet", value: .text(code.alphabet.rawValue)),
            .init(key: "length", value: .number(code.length)),
            .init(key: "lifetime", value: .text(SpanText.write(code.lifetime))),
            .init(key: "attempts", value: .number(code.attempts)),
            .init(key: "resend_after", value: .text(SpanText.write(code.resendAfter))),
        ]
    }

    private var limitSettings: [Setting] {
        let rates: [(LimitName, [Rate])] = [
            (.mailsPerAddress, limits.mailsPerAddress),
            (.failuresPerAccount, limits.failuresPerAccount),
            (.startsPerSource, limits.startsPerSource),
            (.failuresPerSource, limits.failuresPerSource),
            (.failuresTotal, limits.failuresTotal), (.mailsTotal, limits.mailsTotal),
        ]
        return rates.map { name, rates in
            .init(key: name.rawValue, value: .list(rates.map(RateText.write)))
        }
    }

    private var signupValue: Setting.Value {
        switch signup {
        case .closed: .text("closed")
        case .open: .text("open")
        case .domains(let domains): .list(domains)
        }
    }

    private var tokenSettings: [Setting] {
        [
            .init(key: "algorithm", value: .text(tokens.algorithm.rawValue)),
            .init(key: "id", value: .text(SpanText.write(tokens.id))),
            .init(key: "access", value: .text(SpanText.write(tokens.access))),
            .init(key: "refresh", value: .text(SpanText.write(tokens.refresh))),
            .init(key: "refresh_grace", value: .text(SpanText.write(tokens.refreshGrace))),
        ]
    }

    private var httpSettings: [Setting] {
        [
            .init(key: "listen", value: .text("\(http.listen)")),
            .init(key: "trusted_proxies", value: .list(http.trustedProxies)),
            .init(key: "cors_origins", value: .list(http.corsOrigins)),
            .init(key: "applications", value: .list(http.applications)),
            .init(key: "tls_certificate", value: optional(http.tlsCertificate)),
            .init(key: "tls_key", value: optional(http.tlsKey)),
        ]
    }

    private var pamSettings: [Setting] {
        [
            .init(key: "session_lifetime", value: .text(SpanText.write(pam.sessionLifetime))),
            .init(key: "session_directory", value: .text(pam.sessionDirectory)),
            .init(key: "deadline", value: .text(SpanText.write(pam.deadline))),
            .init(key: "prompt", value: optional(pam.prompt)),
        ]
    }

    private func optional(_ text: String?) -> Setting.Value { text.map { .text($0) } ?? .none }
}
