import DoorpostCore
import DoorpostHTTP
import HTTPTypes

extension Answer {
    /// An answer of the Cognito API.
    ///
    /// - Parameter id: the request's, as in our log.
    static func cognito(_ value: JSONValue, status: HTTPResponse.Status = .ok, id: String) -> Self {
        var headers = HTTPFields()
        headers[.contentType] = "application/x-amz-json-1.1"
        headers[.cacheControl] = "no-store"
        headers[.requestID] = id
        return Self(status, headers: headers, body: value.bytes)
    }
}

extension HTTPField.Name {
    static let target = constant("X-Amz-Target")
    static let invocation = constant("amz-sdk-invocation-id")
    static let amzDate = constant("X-Amz-Date")
    static let securityToken = constant("X-Amz-Security-Token")
    static let requestID = constant("x-amzn-RequestId")
    static let errorType = constant("x-amzn-ErrorType")
    static let errorMessage = constant("x-amzn-ErrorMessage")

    private static func constant(_ text: String) -> Self {
        guard let name = Self(text) else {
            preconditionFailure("a constant field name is valid")
        }
        return name
    }
}
