import DoorpostCore

/// `DescribeUserPool`: what the pool is like: users are called by their
/// addresses, and sign in with mailed codes.
struct DescribeUserPool: Operation {
    let name = "DescribeUserPool"
    let access = Access.reading
    let input = Structure(
        .required("UserPoolId", .poolID))

    func answer(_ request: OperationRequest) async throws(CognitoError) -> JSONValue {
        try request.checkPool()
        let pool = request.pool
        return .object([
            "UserPool": .object([
                "Id": .string(pool),
                "Name": .string(pool),
                "LambdaConfig": .object([:]),
                "Policies": .object([
                    "SignInPolicy": .object([
                        "AllowedFirstAuthFactors": .list([.string("EMAIL_OTP")])
                    ])
                ]),
                "SchemaAttributes": .list(PoolSchema.attributes),
                "UsernameAttributes": .list([.string("email")]),
                "AutoVerifiedAttributes": .list([.string("email")]),
                "UsernameConfiguration": .object(["CaseSensitive": .bool(false)]),
                "MfaConfiguration": .string("OFF"),
                "AdminCreateUserConfig": .object([
                    "AllowAdminCreateUserOnly": .bool(request.flow.policy.signup == .closed)
                ]),
            ])
        ])
    }
}
