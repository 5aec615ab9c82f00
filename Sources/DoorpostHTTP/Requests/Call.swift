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
}
