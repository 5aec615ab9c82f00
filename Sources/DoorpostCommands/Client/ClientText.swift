import ArgumentParser
import DoorpostCore
import DoorpostSetup

/// How app clients are shown.
enum ClientText {
    static func json(_ client: AppClient) -> JSON {
        .object([
            "client_id": .string(client.id.text), "name": .string(client.name),
            "has_secret": .flag(client.sealedSecret != nil),
            "flows": .list(flows(client).map { .string($0) }),
            "id_lifetime": .string(client.idLifetime.map(SpanText.write)),
            "access_lifetime": .string(client.accessLifetime.map(SpanText.write)),
            "refresh_lifetime": .string(client.refreshLifetime.map(SpanText.write)),
            "session_lifetime": .string(SpanText.write(client.sessionLifetime)),
            "rotate_grace": .string(client.refreshGrace.map(SpanText.write)),
            "created_at": .time(client.createdAt),
        ])
    }

    static func table(_ clients: [AppClient]) -> Table {
        var table = Table("CLIENT ID", "NAME", "SECRET", "ADDED", "FLOWS")
        for client in clients {
            table.add(
                client.id.text, client.name, client.sealedSecret == nil ? "no" : "yes",
                UTCTime(client.createdAt).minuteText, flows(client).joined(separator: ","))
        }
        return table
    }

    private static func flows(_ client: AppClient) -> [String] {
        client.flows.map(\.rawValue).sorted()
    }
}

/// What administrators type about app clients, checked.
enum ClientInput {
    static func name(_ text: String) throws -> String {
        guard ClientLimits.isName(text) else {
            throw CommandFailure.usage(
                "a name is 1 to \(ClientLimits.longestName) printable ASCII characters")
        }
        return text
    }

    static func span(_ typed: SpanArgument?, _ option: String, _ range: ClosedRange<Span>) throws
        -> Span?
    {
        guard let span = typed?.span else { return nil }
        guard range.contains(span) else {
            throw CommandFailure.usage(
                "\(option) must be from \(SpanText.write(range.lowerBound)) to "
                    + SpanText.write(range.upperBound))
        }
        return span
    }
}

/// A duration on the command line.
struct SpanArgument: ExpressibleByArgument {
    let span: Span

    init?(argument: String) {
        guard let span = SpanText.read(argument) else { return nil }
        self.span = span
    }
}

extension ClientFlow: ExpressibleByArgument {}
