import DoorpostCore
package import DoorpostHTTP
import HTTPTypes
package import Logging

/// `POST /`: the Cognito API. Finds the operation, holds the input to its declaration, and gives
/// whatever comes back the form that SDKs read.
struct CognitoCall: Handler {
    private static let service = "AWSCognitoIdentityProviderService."

    private let operations: [String: any Operation]
    private let metrics: DoorMetrics
    private let logger: Logger

    init(metrics: DoorMetrics, logger: Logger) {
        operations = Dictionary(uniqueKeysWithValues: Operations.all.map { ($0.name, $0) })
        self.metrics = metrics
        self.logger = logger
    }

    func answer(_ call: Call, _ door: HTTPDoorParts) async throws(APIError) -> Answer {
        do throws(CognitoError) {
            let operation = try operation(of: call)
            let signer =
                operation.access == .open
                ? nil : try SignatureCheck(call: call, door: door).check(operation.access)
            let members = try Self.members(of: call.body)
            try Violations.check(members, operation.input)
            let output = try await operation.answer(
                OperationRequest(
                    input: Input(members), call: call, signer: signer, door: door,
                    metrics: metrics))
            return .cognito(output, id: call.id)
        } catch {
            if let detail = error.detail {
                logger.error("\(detail)", metadata: ["request": "\(call.id)"])
            }
            return error.answer(id: call.id)
        }
    }

    func answer(to error: APIError, of call: Call) -> Answer {
        CognitoError(error).answer(id: call.id)
    }

    /// SDKs in browsers send more than we read.
    var crossOrigin: CrossOriginFields {
        CrossOriginFields(
            allowed: "content-type, x-amz-target, x-amz-user-agent, x-amz-date, authorization, "
                + "amz-sdk-invocation-id, amz-sdk-request, cache-control",
            exposed: "x-amzn-RequestId, x-amzn-ErrorType, x-amzn-ErrorMessage, Date")
    }

    private func operation(of call: Call) throws(CognitoError) -> any Operation {
        guard let target = call.headers[.target], target.hasPrefix(Self.service),
            Self.isJSON(call.headers[.contentType]),
            let operation = operations[String(target.dropFirst(Self.service.count))]
        else { throw .unknownOperation }
        return operation
    }

    private static func members(of body: [UInt8]) throws(CognitoError) -> [String: JSONValue] {
        let value: JSONValue
        do {
            value = try JSONReader.value(body)
        } catch {
            throw .serialization("The request body \(error.rawValue).")
        }
        guard case .object(let members) = value else {
            throw .serialization("The request body must be one JSON object.")
        }
        return members
    }

    /// Never a type that a page may send without asking first (text/plain and forms).
    private static func isJSON(_ type: String?) -> Bool {
        // As SDKs write it.
        if type == "application/x-amz-json-1.1" { return true }
        let essence = type?.prefix { $0 != ";" && $0 != " " }.lowercased()
        return essence == "application/x-amz-json-1.1" || essence == "application/json"
    }
}

extension Routes {
    /// The Cognito API, and what verifiers of its tokens fetch.
    ///
    /// - Parameter pool: the user pool's id, under which these stand.
    package mutating func addCognito(pool: String, metrics: DoorMetrics, logger: Logger) {
        add(.post, "/", CognitoCall(metrics: metrics, logger: logger))
        add(.get, "/\(pool)/.well-known/jwks.json", KeysCall())
        add(.get, "/\(pool)/.well-known/openid-configuration", PoolDiscoveryCall())
    }
}
