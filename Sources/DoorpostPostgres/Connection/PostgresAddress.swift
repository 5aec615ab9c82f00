/// Where a PostgreSQL is: `postgres://USER@HOST/DATABASE?…`, a libpq URL without a password.
package struct PostgresAddress: Hashable, Sendable, CustomStringConvertible {
    /// Why a text is none.
    package enum Fault: Error {
        /// It holds a password, so it must not be shown.
        case holdsPassword
        case notAURL
    }

    /// As it was written. Nothing in it is secret.
    package let description: String
    private let hosts: [Substring]
    private let names: Set<String>

    /// - Throws: ``Fault``
    package init(_ text: String) throws(Fault) {
        guard let scheme = ["postgres://", "postgresql://"].first(where: text.hasPrefix) else {
            throw .notAURL
        }
        let rest = text.dropFirst(scheme.count)
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        let authority = rest[..<end].split(
            separator: "@", omittingEmptySubsequences: false)
        if authority.count > 1, authority.dropLast().contains(where: { $0.contains(":") }) {
            throw .holdsPassword
        }
        let query = rest.firstIndex(of: "?").map { rest[rest.index(after: $0)...] } ?? ""
        var parameters: [(name: String, value: Substring)] = []
        for part in query.split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            // A name that is written with % would pass by those that are looked for.
            guard pair.count == 2, !pair[0].contains("%") else { throw .notAURL }
            parameters.append((pair[0].lowercased(), pair[1]))
        }
        names = Set(parameters.map(\.name))
        guard names.isDisjoint(with: ["password", "sslpassword"]) else { throw .holdsPassword }
        hosts =
            (authority.last ?? "").split(separator: ",")
            + parameters.filter { ["host", "hostaddr"].contains($0.name) }
            .flatMap { $0.value.split(separator: ",") }
        description = text
    }

    /// What libpq is told. What stands in the URL overrides what stands before it.
    var parameters: (keywords: [String], values: [String]) {
        var pairs = [
            // For each host. The least that libpq takes: one that is silent must not use up the time
            // for the others.
            ("connect_timeout", "2"), ("target_session_attrs", "read-write"),
            // A link that was cut is noticed before a person gives up.
            ("keepalives_idle", "10"), ("keepalives_interval", "2"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "10000"), ("gssencmode", "disable"),
            ("fallback_application_name", "doorpost"),
        ]
        if !isLocal, !names.contains("sslmode") {
            pairs += [
                ("sslmode", "verify-full"), ("sslrootcert", "/etc/ssl/certs/ca-certificates.crt"),
            ]
        }
        pairs += [("dbname", description), ("client_encoding", "UTF8")]
        return (pairs.map(\.0), pairs.map(\.1))
    }

    /// Whether nothing leaves this machine. Where a service file names the host, it may.
    private var isLocal: Bool {
        !names.contains("service")
            && hosts.allSatisfy { host in
                let isSocket = host.hasPrefix("/") || host.lowercased().hasPrefix("%2f")
                return isSocket || host.hasPrefix("[::1]") || host == "::1"
                    || ["localhost", "127.0.0.1"].contains(host.split(separator: ":").first ?? "")
            }
    }
}
