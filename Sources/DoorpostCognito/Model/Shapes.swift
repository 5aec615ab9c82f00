// The shapes that several operations have, by the model's names.
extension Shape {
    static let text = Shape.string(StringRule(length: 0...131072))
    static let texts = Shape.map(text, text)
    /// A map whose values hold secrets.
    static let secretTexts = Shape.map(
        text, .string(StringRule(length: 0...131072, isSensitive: true)))

    static let clientID = Shape.string(
        StringRule(length: 1...128, pattern: .client, isSensitive: true))
    static let clientSecret = Shape.string(
        StringRule(length: 24...64, pattern: .client, isSensitive: true))
    static let secretHash = Shape.string(
        StringRule(length: 1...128, pattern: .secretHash, isSensitive: true))
    static let poolID = Shape.string(StringRule(length: 1...55, pattern: .poolID))
    static let username = Shape.string(
        StringRule(length: 1...128, pattern: .visible, isSensitive: true))
    static let password = Shape.string(
        StringRule(length: 0...256, pattern: .notBlank, isSensitive: true))
    /// Not secret by the model, but by what it is.
    static let confirmationCode = Shape.string(
        StringRule(length: 1...2048, pattern: .notBlank, isSensitive: true))
    static let attributeName = Shape.string(
        StringRule(length: 1...32, pattern: .visibleOrBlank))
    static let attributes = Shape.list(
        .structure(
            Structure(
                .required("Name", attributeName),
                .optional(
                    "Value", .string(StringRule(length: 0...2048, isSensitive: true))))))
    static let token = Shape.string(StringRule(pattern: .token, isSensitive: true))
    static let session = Shape.string(StringRule(length: 20...4096, isSensitive: true))
    static let deviceKey = Shape.string(StringRule(length: 1...55, pattern: .deviceKey))

    static func oneOf(_ values: [String]) -> Shape { .string(StringRule(values: values)) }

    static let authFlow = oneOf([
        "USER_SRP_AUTH", "REFRESH_TOKEN_AUTH", "REFRESH_TOKEN", "CUSTOM_AUTH",
        "ADMIN_NO_SRP_AUTH", "USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH", "USER_AUTH",
    ])
    static let challengeName = oneOf([
        "SMS_MFA", "EMAIL_OTP", "SOFTWARE_TOKEN_MFA", "SELECT_MFA_TYPE", "MFA_SETUP",
        "PASSWORD_VERIFIER", "CUSTOM_CHALLENGE", "SELECT_CHALLENGE", "DEVICE_SRP_AUTH",
        "DEVICE_PASSWORD_VERIFIER", "ADMIN_NO_SRP_AUTH", "NEW_PASSWORD_REQUIRED", "SMS_OTP",
        "PASSWORD", "WEB_AUTHN", "PASSWORD_SRP",
    ])

    static let analytics = Shape.structure(Structure(.optional("AnalyticsEndpointId", text)))
    static let userContext = Shape.structure(
        Structure(.optional("IpAddress", text), .optional("EncodedData", text)))
    /// What a back end knows of the person that it speaks for.
    static let adminContext = Shape.structure(
        Structure(
            .required("IpAddress", text), .required("ServerName", text),
            .required("ServerPath", text),
            .required(
                "HttpHeaders",
                .list(
                    .structure(
                        Structure(.optional("headerName", text), .optional("headerValue", text))))),
            .optional("EncodedData", text)))
}
