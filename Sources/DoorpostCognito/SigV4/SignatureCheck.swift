import DoorpostCore
import DoorpostHTTP
import HTTPTypes

/// Whether a request was signed, for this pool and now, with a key that an administrator made.
struct SignatureCheck {
    let call: Call
    let door: HTTPDoorParts

    /// Between our clock and the signer's.
    static let skew = Span.minutes(15)
    static let service = "cognito-idp"

    /// - Parameter access: whether the operation changes anything: then its signature is good
    ///   once. Of one that only reads, two honest calls in one second have the same signature,
    ///   and differ by the SDK's name of the request.
    /// - Returns: the key that it was signed with.
    /// - Throws: ``CognitoError``: as AWS names what is wrong.
    func check(_ access: Access) throws(CognitoError) -> APIKeyID {
        let values = call.headers[values: .authorization]
        guard let text = values.first, values.count == 1 else { throw .missingAuthentication }
        let header = try SignatureHeader(text)
        guard let time = call.headers[.amzDate], let signedAt = SignatureTime.read(time) else {
            throw .incompleteSignature(
                "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' "
                    + "header.")
        }
        try checkSignedHeaders(header)
        let key = try key(header.accessKeyID)
        try checkScope(header, time)
        try checkTime(signedAt, time)
        let request = try CanonicalRequest(
            method: call.method.rawValue, query: call.query, headers: call.headers,
            signedHeaders: header.signedHeaders, body: call.body)
        guard Signature.matches(header, request, time: time, secret: try secret(of: key)) else {
            throw .wrongSignature
        }
        try useOnce(header, access, until: signedAt + Self.skew)
        return key.id
    }

    /// Whatever decides what is done must be under the signature. The type of the body does not:
    /// there is one that is taken, and older SDKs (JavaScript 2, PHP) leave it out.
    private func checkSignedHeaders(_ header: SignatureHeader) throws(CognitoError) {
        for name in ["host", "x-amz-date", "x-amz-target"] {
            guard header.signedHeaders.contains(name) else {
                throw .incompleteSignature("The header '\(name)' must be signed.")
            }
        }
    }

    private func key(_ id: String) throws(CognitoError) -> APIKey {
        // Keys of ours have no session tokens beside them.
        guard call.headers[.securityToken] == nil else { throw .unrecognizedClient }
        let key: APIKey?
        do {
            key = try door.flow.store.apiKey(APIKeyID(id))
        } catch {
            throw CognitoError(error)
        }
        guard let key else { throw .unrecognizedClient }
        return key
    }

    private func secret(of key: APIKey) throws(CognitoError) -> APISecret {
        do {
            return try door.flow.keys.secret(of: key)
        } catch {
            throw .internal(
                "the secret of key \(key.id) cannot be opened: was the secret key changed?")
        }
    }

    private func checkScope(_ header: SignatureHeader, _ time: String) throws(CognitoError) {
        let region = PoolRegion.of(door.settings.pool)
        guard header.region.utf8.elementsEqual(region.utf8) else {
            throw .invalidSignature(
                "Credential should be scoped to a valid region, not "
                    + "'\(VisibleText.escape(header.region, limit: 64))'.")
        }
        guard header.service == Self.service else {
            throw .invalidSignature(
                "Credential should be scoped to correct service: '\(Self.service)'.")
        }
        guard time.hasPrefix("\(header.date)T") else {
            throw .invalidSignature(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date "
                    + "from HTTP.")
        }
    }

    private func checkTime(_ signedAt: Timestamp, _ time: String) throws(CognitoError) {
        let now = door.flow.clock.now
        guard signedAt + Self.skew > now else {
            throw .invalidSignature(
                "Signature expired: \(time) is now earlier than "
                    + "\(SignatureTime.write(now - Self.skew)) (\(SignatureTime.write(now)) - 15 "
                    + "min.)")
        }
        guard signedAt < now + Self.skew else {
            throw .invalidSignature(
                "Signature not yet current: \(time) is still later than "
                    + "\(SignatureTime.write(now + Self.skew)) (\(SignatureTime.write(now)) + 15 "
                    + "min.)")
        }
    }

    private func useOnce(_ header: SignatureHeader, _ access: Access, until end: Timestamp)
        throws(CognitoError)
    {
        var mark = header.signature
        if access == .reading {
            let id = call.headers[.invocation] ?? ""
            mark += "|" + VisibleText.escape(id, limit: 64)
        }
        do {
            guard try !door.flow.store.useSignature(mark, expiresAt: end) else { return }
        } catch {
            throw CognitoError(error)
        }
        throw .invalidSignature("The signature was used already. Sign the request anew.")
    }
}

/// Who may call an operation.
enum Access: Hashable, Sendable {
    /// Anybody: what is asked proves itself by a code or a token.
    case open
    /// Programs with an API key, and nothing changes.
    case reading
    /// Programs with an API key.
    case changing
}

/// The region of a pool's id, as SDKs take it from there: `eu-west-1` of `eu-west-1_AbCdEfGhI`.
enum PoolRegion {
    static func of(_ pool: String) -> String {
        pool.lastIndex(of: "_").map { String(pool[..<$0]) } ?? pool
    }
}
