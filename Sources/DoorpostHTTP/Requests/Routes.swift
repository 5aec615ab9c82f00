package import HTTPTypes

/// One call of the API.
package protocol Handler: Sendable {
    /// - Throws: ``APIError``: the call was not done.
    func answer(_ call: Call, _ door: HTTPDoorParts) async throws(APIError) -> Answer

    /// What is answered when the door itself refused the call, or ``answer(_:_:)`` threw.
    func answer(to error: APIError, of call: Call) -> Answer

    /// What pages of other origins may send, and read, beside what every page may.
    var crossOrigin: CrossOriginFields { get }
}

extension Handler {
    package func answer(to error: APIError, of call: Call) -> Answer { error.answer(id: call.id) }
    package var crossOrigin: CrossOriginFields { .standard }
}

/// Header fields that browsers must be told about (the Fetch standard), comma-separated.
package struct CrossOriginFields: Hashable, Sendable {
    package var allowed: String
    package var exposed: String

    package init(allowed: String, exposed: String) {
        self.allowed = allowed
        self.exposed = exposed
    }

    static let standard = Self(allowed: "authorization, content-type", exposed: "Retry-After")
}

/// Which call answers which method and path. Paths are exact: none of ours has a variable part.
package struct Routes: Sendable {
    private var handlers: [String: [HTTPRequest.Method: any Handler]] = [:]

    package mutating func add(_ method: HTTPRequest.Method, _ path: String, _ handler: some Handler)
    {
        handlers[path, default: [:]][method] = handler
    }

    /// Who answers the call, if anybody does: HEAD is answered as GET, and a preflight is about
    /// the method that it names.
    func handler(of call: Call) -> (any Handler)? {
        let wanted = call.method == .options ? call.headers[.accessControlRequestMethod] : nil
        var method = wanted.flatMap { HTTPRequest.Method($0) } ?? call.method
        if method == .head { method = .get }
        return handlers[call.path]?[method]
    }

    /// Why nobody does: nothing is there, or it takes other methods.
    func refusal(of call: Call) -> APIError {
        handlers[call.path].map { .methodNotAllowed(Array($0.keys)) } ?? .notFound
    }

    /// What the path takes; empty if there is nothing there.
    func methods(of path: String) -> [HTTPRequest.Method] {
        handlers[path].map { Array($0.keys) } ?? []
    }

    /// The path for logs and metrics: one of ours, so that strangers cannot invent any.
    func name(of path: String) -> String { handlers[path] == nil ? "other" : path }
}
