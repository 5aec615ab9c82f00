package import DoorpostCore
package import HTTPTypes

/// A request as the calls of the API see it.
package struct Call: Sendable {
    package var method: HTTPRequest.Method
    /// Without the query.
    package var path: String
    /// What follows the `?`, still encoded; nil if there is none.
    package var query: String?
    package var headers: HTTPFields
    package var body: [UInt8]
    /// Who asks, behind the proxies that are trusted.
    package var source: Source
    /// Names the request in the log and in answers.
    package var id: String

    /// Under which name, or at which address, we were called.
    var host: String? { headers[Self.hostField] }

    static let hostField: HTTPField.Name = {
        guard let name = HTTPField.Name("Host") else {
            preconditionFailure("a constant field name is valid")
        }
        return name
    }()
}
