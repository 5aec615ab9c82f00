import DoorpostCore

/// What a program wrote for an event.
enum ProgramAnswer: Sendable {
    /// The event, with its response.
    case event(JSONValue)
    /// The handler threw this.
    case threw(String)

    /// Members that say for whom an event is, which a handler hands back as they were.
    private static let identity = ["triggerSource", "userPoolId", "userName"]

    /// Reads the answer to an event.
    ///
    /// - Throws: ``ProgramFault``: it is no JSON, or the answer to another event.
    init(_ bytes: some Collection<UInt8>, to event: TriggerEvent) throws(ProgramFault) {
        let answer: JSONValue
        do {
            answer = try JSONReader.value(bytes)
        } catch {
            throw .nonsense("it is not JSON")
        }
        if let message = answer["errorMessage"] {
            guard case .string(let text) = message else {
                throw .nonsense("errorMessage is not text")
            }
            self = .threw(text)
            return
        }
        let expected = [event.source, event.pool, event.subject.userName]
        for (name, text) in zip(Self.identity, expected) {
            guard answer[name] == nil || answer[name] == .string(text) else {
                throw .nonsense("\(name) is not that of the event")
            }
        }
        self = .event(answer)
    }
}
