import DoorpostCore
import DoorpostHTTP
import HTTPTypes

/// One operation of the service: its name and declared input, and what it does. One file each;
/// ``Operations/all`` is the table.
protocol Operation: Sendable {
    /// As in `X-Amz-Target`, after the dot.
    var name: String { get }
    var input: Structure { get }
    /// Who may call it; anybody, unless the operation says otherwise.
    var access: Access { get }

    /// - Returns: the output as the model has it; `.object([:])` where it has none.
    /// - Throws: ``CognitoError``: one of those that the model lists for the operation.
    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue
}

extension Operation {
    var access: Access { .open }
}

/// A request whose input was held to its declaration.
struct OperationRequest: Sendable {
    var input: Input
    var call: Call
    /// Whose signature it has; nil where the operation asks for none.
    var signer: APIKeyID?
    var door: HTTPDoorParts
    var metrics: DoorMetrics

    var flow: Flow { door.flow }
    var store: any Store { door.flow.store }
    var now: Timestamp { door.flow.clock.now }
}
