import Crypto
import DoorpostCore
import DoorpostTokens
import FoundationEssentials
import Testing

/// Tokens that somebody made to be taken for ours: each is refused as invalid.
@Suite struct ForgedTokenTests {
    let fixture: Fixture
    let forge: Forge

    init() throws {
        fixture = try Fixture()
        forge = try Forge(fixture)
    }

    private func expectInvalid(_ token: String, _ why: Comment) async {
        let verdict = await forge.verdict(token)
        if case .failure(TokenFailure(code: "token_invalid")) = verdict { return }
        Issue.record("\(verdict), not token_invalid: \(why)")
    }

    @Test func `the forge itself makes tokens that are accepted`() async throws {
        let token = try forge.sign()
        if case .failure(let failure) = await forge.verdict(token) {
            Issue.record("the corpus below proves nothing: \(failure)")
        }
    }

    @Test(arguments: ["none", "None", "NONE", "nOnE", "none ", "nOne", "noNe", "NoNe", ""])
    func `alg none, with and without signature`(_ name: String) async throws {
        let header = #"{"alg":"\#(name)","kid":"\#(fixture.key.id)","typ":"JWT"}"#
        let signed = try forge.sign(header: header)
        await expectInvalid(signed, "signed")
        let cut = try #require(signed.lastIndex(of: "."))
        await expectInvalid(String(signed[...cut]), "empty signature")
        await expectInvalid(String(signed[..<cut]), "no third part")
    }

    @Test func `HS256 and HS512 with the public key as secret`() async throws {
        let der = forge.key.publicKey.derRepresentation
        let pem = forge.key.publicKey.pemRepresentation
        let jwks = try await fixture.tokens.jwks(now: Fixture.now)
        let secrets = [
            Data(der), Data(pem.utf8), Data((pem + "\n").utf8), Data(jwks),
            forge.key.publicKey.x963Representation, forge.key.publicKey.rawRepresentation, Data(),
        ]
        for secret in secrets {
            let key = SymmetricKey(data: secret)
            for (alg, mac) in [
                ("HS256", { Data(HMAC<SHA256>.authenticationCode(for: $0, using: key)) }),
                ("HS512", { Data(HMAC<SHA512>.authenticationCode(for: $0, using: key)) }),
                ("ES256", { Data(HMAC<SHA256>.authenticationCode(for: $0, using: key)) }),
            ] as [(String, (Data) -> Data)] {
                let header = #"{"alg":"\#(alg)","kid":"\#(fixture.key.id)","typ":"JWT"}"#
                let text =
                    "\(Base64URL.encode(header.utf8)).\(Base64URL.encode(Forge.payload().utf8))"
                await expectInvalid("\(text).\(Base64URL.encode(mac(Data(text.utf8))))", "\(alg)")
            }
        }
    }

    @Test(arguments: ["RS256", "EdDSA", "ES384", "es256", "ES256 ", "ES256\\u0000", "PS256"])
    func `an algorithm that is not the key's, though the signature fits`(_ alg: String) async throws
    {
        let header = #"{"alg":"\#(alg)","kid":"\#(fixture.key.id)","typ":"JWT"}"#
        await expectInvalid(try forge.sign(header: header), "\(alg)")
    }

    @Test(arguments: [
        #""jku":"https://evil.example/jwks.json""#, #""x5u":"https://evil.example/c.pem""#,
        #""jwk":{"kty":"EC"}"#, #""x5c":["MIIB"]"#, #""crit":["exp"]"#, #""crit":[]"#,
        #""b64":false"#, #""cty":"JWT""#, #""zip":"DEF""#, #""x5t":"abc""#, #""x":1e308"#,
        #""alg":"ES256""#, #""\u0061lg":"none""#, #""kid":"other""#, #""\u006b\u0069d":"x""#,
    ])
    func `a header that says more than it must`(_ member: String) async throws {
        let plain = forge.header.dropLast()
        await expectInvalid(try forge.sign(header: "\(plain),\(member)}"), "after")
        let rest = forge.header.dropFirst()
        await expectInvalid(try forge.sign(header: "{\(member),\(rest)"), "before")
    }

    @Test(arguments: [
        #"{"alg":"ES256","typ":"JWT"}"#, #"{"alg":"ES256","kid":null,"typ":"JWT"}"#,
        #"{"alg":"ES256","kid":7,"typ":"JWT"}"#, #"{"alg":"ES256","kid":"","typ":"JWT"}"#,
        #"{"alg":"ES256","kid":"../../etc/passwd","typ":"JWT"}"#,
        #"{"alg":"ES256","kid":"x' OR '1'='1","typ":"JWT"}"#,
        #"{"alg":"ES256","kid":"KID\u0000","typ":"JWT"}"#,
        #"{"alg":"ES256","kid":"KID ","typ":"JWT"}"#,
        #"{"alg":"ES256","kid":"KID.pem","typ":"JWT"}"#,
        #"{"alg":"ES256","kid":"kid","typ":"JWT"}"#, #"{"alg":"ES256","kid":["KID"],"typ":"JWT"}"#,
        #"{"alg":"ES256","kid":"KID","typ":"at+jwt"}"#, #"{"alg":"ES256","kid":"KID","typ":"jwt"}"#,
        #"{"alg":"ES256","kid":"KID"}"#, #"{"kid":"KID","typ":"JWT"}"#,
        #"["alg","ES256"]"#, "{}", "", "null", "{", #"{"alg":"ES256","kid":"KID","typ":"JWT",}"#,
        #" {"alg":"ES256","kid":"KID","typ":"JWT"}"#, #"{"alg":"ES256","kid":"KID","typ":"JWT"}{}"#,
        "\u{FEFF}{\"alg\":\"ES256\",\"kid\":\"KID\",\"typ\":\"JWT\"}",
        "{\"alg\":\"ES256\",\n\"kid\":\"KID\",\"typ\":\"JWT\"}",
    ])
    func `a header of another form`(_ header: String) async throws {
        let named = header.replacing("KID", with: fixture.key.id.text)
        await expectInvalid(try forge.sign(header: named), "\(header)")
    }

    @Test func `a kid of 10,000 characters, and one of another Doorpost`() async throws {
        let long = String(repeating: "a", count: 6000)
        await expectInvalid(
            try forge.sign(header: #"{"alg":"ES256","kid":"\#(long)","typ":"JWT"}"#), "long")
        let other = try Fixture()
        await expectInvalid(
            try await other.tokens.issue(Fixture.claims()), "key of \(other.directory.path)")
    }

    @Test func `UTF-16 and bytes that are no text`() async throws {
        let header: [UInt8] = Array(forge.header.utf8)
        let payload: [UInt8] = Array(Forge.payload().utf8)
        let wide = payload.flatMap { [$0, 0 as UInt8] }
        await expectInvalid(try forge.sign(header: header, payload: wide), "UTF-16 payload")
        let wideHeader = header.flatMap { [$0, 0 as UInt8] }
        await expectInvalid(try forge.sign(header: wideHeader, payload: payload), "UTF-16 header")
        let broken = Array(Forge.payload(["tty": "\"\u{7f}\""]).utf8).map { $0 == 0x7f ? 0xff : $0 }
        await expectInvalid(try forge.sign(header: header, payload: broken), "not UTF-8")
    }
}
