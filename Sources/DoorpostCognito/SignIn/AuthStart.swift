import DoorpostCore

/// Begins to sign somebody in, for `InitiateAuth` and its sister for back ends.
struct AuthStart {
    private let request: OperationRequest
    /// Whom a back end that is trusted speaks for; nil: who calls.
    private let source: Source?

    init(_ request: OperationRequest, source: Source?) {
        self.request = request
        self.source = source
    }

    func answer() async throws(CognitoError) -> JSONValue {
        let client = try request.client()
        let flow = request.input.required("AuthFlow")
        let parameters = request.input.texts("AuthParameters")
        switch flow {
        case "CUSTOM_AUTH":
            try request.require(.custom, of: client, as: flow)
            // What begins with a password proof (SRP_A) cannot be done here.
            guard parameters["CHALLENGE_NAME"] == nil else {
                throw .flowDisabled("USER_SRP_AUTH")
            }
            return try await questions(client, parameters).custom()
        case "USER_AUTH":
            try request.require(.user, of: client, as: flow)
            if let session = request.input.text("Session") {
                return try await takeUp(session, client, parameters)
            }
            let questions = try questions(client, parameters)
            return parameters["PREFERRED_CHALLENGE"] == "EMAIL_OTP"
                ? try await questions.emailCode() : try questions.choice()
        case "REFRESH_TOKEN_AUTH", "REFRESH_TOKEN":
            try request.require(.refresh, of: client, as: flow)
            return try await AuthRefresh(request, client, source: source)
                .answer(parameters: parameters)
        default: throw .flowDisabled(flow)
        }
    }

    private func questions(_ client: AppClient, _ parameters: [String: String])
        throws(CognitoError) -> AuthQuestions
    {
        AuthQuestions(
            request, client, try person(client, parameters),
            request.context(for: client, source: source))
    }

    private func takeUp(_ session: String, _ client: AppClient, _ parameters: [String: String])
        async throws(CognitoError) -> JSONValue
    {
        try await AuthTakeUp(
            request: request, person: try person(client, parameters),
            context: request.context(for: client, source: source)
        ).answer(session)
    }

    private func person(_ client: AppClient, _ parameters: [String: String])
        throws(CognitoError) -> Person
    {
        let person = try Person(parameters)
        try request.checkSecretHash(
            parameters["SECRET_HASH"], of: client, for: [person.text])
        return person
    }
}
