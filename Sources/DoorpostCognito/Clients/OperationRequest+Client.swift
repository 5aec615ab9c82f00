import DoorpostCore
import DoorpostHTTP
import HTTPTypes

extension OperationRequest {
    /// The app client that the input names.
    func client() throws(CognitoError) -> AppClient {
        let id = input.required("ClientId")
        let client: AppClient?
        do {
            client = try store.client(ClientID(id))
        } catch {
            throw CognitoError(error)
        }
        guard let client else { throw .noClient(id) }
        return client
    }

    /// The client may do this.
    ///
    /// - Parameter name: the flow as the request calls it.
    func require(_ flow: ClientFlow, of client: AppClient, as name: String) throws(CognitoError) {
        guard client.flows.contains(flow) else { throw .flowDisabled(name) }
    }

    /// A client with a secret has proved that it knows it.
    ///
    /// - Parameter names: what the person may be called in the hash.
    func checkSecretHash(_ hash: String?, of client: AppClient, for names: [String])
        throws(CognitoError)
    {
        guard let secret = try secret(of: client) else {
            guard hash == nil else { throw .secretHashWrong(client.id) }
            return
        }
        guard let hash else { throw .secretHashMissing(client.id) }
        guard SecretHash.matches(hash, secret, client.id, names: names) else {
            throw .secretHashWrong(client.id)
        }
    }

    /// The secret itself was sent by a client that has one.
    func checkSecret(_ text: String?, of client: AppClient) throws(CognitoError) {
        guard let secret = try secret(of: client) else {
            guard text == nil else { throw .secretHashWrong(client.id) }
            return
        }
        guard let text else { throw .secretHashMissing(client.id) }
        guard SecretHash.isSecret(text, secret) else { throw .secretHashWrong(client.id) }
    }

    /// The client's secret in clear; nil if it has none.
    func secret(of client: AppClient) throws(CognitoError) -> ClientSecret? {
        do {
            return try flow.keys.secret(of: client)
        } catch {
            throw .internal(
                "the secret of client \(client.id) cannot be opened: was the secret key changed?")
        }
    }

    /// Who signs in to the client, from where.
    ///
    /// - Parameter source: whom a back end that is trusted speaks for; nil: who calls.
    func context(for client: AppClient, source: Source? = nil) -> SignInContext {
        // An SDK repeats a request under the same id; a request without one is never repeated.
        let id = call.headers[.invocation] ?? call.id
        var context = SignInContext(
            client: client, request: id, host: door.settings.host, source: source ?? call.source)
        context.metadata = input.texts("ClientMetadata")
        return context
    }
}
