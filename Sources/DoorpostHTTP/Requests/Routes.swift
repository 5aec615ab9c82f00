import HTTPTypes

/// One call of the API.
protocol Handler: Sendable {
    /// - Throws: ``APIError``: the call was not done.
    func answer(_ call: Call, _ door: HTTPDoorParts) async throws(APIError) -> Answer
}

/// Which call answers which method and path. Paths are exact: none of ours has a variable part.
struct Routes: Sendable {
    private var handlers: [String: [HTTPRequest.Method: any Handler]] = [:]

    mutating func add(_ method: HTTPRequest.Method, _ path: String, _ handler: some Handler) {
        handlers[path, default: [:]][method] = handler
    }

    /// The handler of a call; HEAD is answered as GET.
    ///
    /// - Throws: ``APIError``: nothing is there, or it takes other methods.
    func handler(for call: Call) throws(APIError) -> any Handler {
        guard let methods = handlers[call.path] else { throw .notFound }
        let method: HTTPRequest.Method = call.method == .head ? .get : call.method
        guard let handler = methods[method] else {
            throw .methodNotAllowed(Array(methods.keys))
        }
        return handler
    }

    /// What the path takes; empty if there is nothing there.
    func methods(of path: String) -> [HTTPRequest.Method] {
        handlers[path].map { Array($0.keys) } ?? []
    }

    /// The path for logs and metrics: one of ours, so that strangers cannot invent any.
    func name(of path: String) -> String { handlers[path] == nil ? "other" : path }
}
