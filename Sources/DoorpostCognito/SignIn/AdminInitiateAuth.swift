import DoorpostCore
import DoorpostHTTP

/// `AdminInitiateAuth`: as `InitiateAuth`, for a back end that is trusted.
struct AdminInitiateAuth: Operation {
    let name = "AdminInitiateAuth"
    let access = Access.changing
    let input = Structure(
        .required("UserPoolId", .poolID),
        .required("ClientId", .clientID),
        .required("AuthFlow", .authFlow),
        .optional("AuthParameters", .secretTexts),
        .optional("ClientMetadata", .texts),
        .optional("AnalyticsMetadata", .analytics),
        .optional("ContextData", .adminContext),
        .optional("Session", .session))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        try request.checkPool()
        return try await AuthStart(request, source: request.toldSource).answer()
    }
}

extension OperationRequest {
    /// Whom the back end speaks for, if it says so.
    var toldSource: Source? { input.structure("ContextData").text("IpAddress").map { Source($0) } }

    /// The pool that the input names is ours.
    func checkPool() throws(CognitoError) {
        let pool = input.required("UserPoolId")
        guard pool.utf8.elementsEqual(door.settings.pool.utf8) else { throw .noPool(pool) }
    }
}
