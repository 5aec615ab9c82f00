import DoorpostCore
import HTTPTypes

/// A request as the calls of the API see it.
struct Call: Sendable {
    var method: HTTPRequest.Method
    /// Without the query.
    var path: String
    /// What follows the `?`, still encoded; nil if there is none.
    var query: String?
    var headers: HTTPFields
    var body: [UInt8]
    /// Who asks, behind the proxies that are trusted.
    var source: Source
    /// Names the request in the log and in answers.
    var id: String

    /// Under which name, or at which address, we were called.
    var host: String? { headers[Self.hostField] }

    static let hostField: HTTPField.Name = {
        guard let name = HTTPField.Name("Host") else {
            preconditionFailure("a constant field name is valid")
        }
        return name
    }()
}
