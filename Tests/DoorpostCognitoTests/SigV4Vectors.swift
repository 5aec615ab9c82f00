import Testing

/// The published test vectors of Signature Version 4 (AWS's signing test suite, as aws-c-auth
/// carries it) that can reach us: for `/`, with every header on one line, and in ASCII.
struct SigV4Vector: Sendable, CustomTestStringConvertible {
    var name: String
    var method: String
    var query: String
    var headers: [String]
    var body: String
    var canonical: String

    var testDescription: String { name }

    static let time = "20150830T123600Z"
    static let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

    static let all: [Self] = [
        Self(
            name: #"get-header-key-duplicate"#, method: #"GET"#, query: "",
            headers: [
                #"Host:example.amazonaws.com"#,
                #"My-Header1:value2"#,
                #"My-Header1:value2"#,
                #"My-Header1:value1"#,
                #"X-Amz-Date:20150830T123600Z"#,
                #"Authorization:AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;my-header1;x-amz-date, Signature=c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"#,
            ],
            body: "",
            canonical:
                #"GET\#n/\#n\#nhost:example.amazonaws.com\#nmy-header1:value2,value2,value1\#nx-amz-date:20150830T123600Z\#n\#nhost;my-header1;x-amz-date\#ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"#
        ),
        Self(
            name: #"get-header-value-order"#, method: #"GET"#, query: "",
            headers: [
                #"Host:example.amazonaws.com"#,
                #"My-Header1:value4"#,
                #"My-Header1:value1"#,
                #"My-Header1:value3"#,
                #"My-Header1:value2"#,
                #"X-Amz-Date:20150830T123600Z"#,
                #"Authorization:AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;my-header1;x-amz-date, Signature=08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"#,
            ],
            body: "",
            canonical:
                #"GET\#n/\#n\#nhost:example.amazonaws.com\#nmy-header1:value4,value1,value3,value2\#nx-amz-date:20150830T123600Z\#n\#nhost;my-header1;x-amz-date\#ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"#
        ),
        Self(
            name: #"get-header-value-trim"#, method: #"GET"#, query: "",
            headers: [
                #"Host:example.amazonaws.com"#,
                #"My-Header1: value1"#,
                #"My-Header2: "a   b   c""#,
                #"X-Amz-Date:20150830T123600Z"#,
                #"Authorization:AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;my-header1;my-header2;x-amz-date, Signature=acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"#,
            ],
            body: "",
            canonical:
                #"GET\#n/\#n\#nhost:example.amazonaws.com\#nmy-header1:value1\#nmy-header2:"a b c"\#nx-amz-date:20150830T123600Z\#n\#nhost;my-header1;my-header2;x-amz-date\#ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"#
        ),
        Self(
            name: #"get-vanilla-empty-query-key"#, method: #"GET"#, query: #"Param1=value1"#,
            headers: [
                #"Host:example.amazonaws.com"#,
                #"X-Amz-Date:20150830T123600Z"#,
                #"Authorization:AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"#,
            ],
            body: "",
            canonical:
                #"GET\#n/\#nParam1=value1\#nhost:example.amazonaws.com\#nx-amz-date:20150830T123600Z\#n\#nhost;x-amz-date\#ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"#
        ),
        Self(
            name: #"get-vanilla-query-order-encoded"#, method: #"GET"#,
            query: #"Param-3=Value3&Param=Value2&%E1%88%B4=Value1"#,
            headers: [
                #"Host:example.amazonaws.com"#,
                #"X-Amz-Date:20150830T123600Z"#,
                #"Authorization:AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac"#,
            ],
            body: "",
            canonical:
                #"GET\#n/\#n%E1%88%B4=Value1&Param=Value2&Param-3=Value3\#nhost:example.amazonaws.com\#nx-amz-date:20150830T123600Z\#n\#nhost;x-amz-date\#ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"#
        ),
        Self(
            name: #"get-vanilla-query-order-key-case"#, method: #"GET"#,
            query: #"Param2=value2&Param1=value1"#,
            headers: [
                #"Host:example.amazonaws.com"#,
                #"X-Amz-Date:20150830T123600Z"#,
                #"Authorization:AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"#,
            ],
            body: "",
            canonical:
                #"GET\#n/\#nParam1=value1&Param2=value2\#nhost:example.amazonaws.com\#nx-amz-date:20150830T123600Z\#n\#nhost;x-amz-date\#ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"#
        ),
        Self(
            name: #"get-vanilla-query-unreserved"#, method: #"GET"#,
            query:
                #"-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"#,
            headers: [
                #"Host:example.amazonaws.com"#,
                #"X-Amz-Date:20150830T123600Z"#,
                #"Authorization:AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"#,
            ],
            body: "",
            canonical:
                #"GET\#n/\#n-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz\#nhost:example.amazonaws.com\#nx-amz-date:20150830T123600Z\#n\#nhost;x-amz-date\#ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"#
        ),
        Self(
            name: #"get-vanilla-query"#, method: #"GET"#, query: "",
            headers: [
                #"Host:example.amazonaws.com"#,
                #"X-Amz-Date:20150830T123600Z"#,
                #"Authorization:AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"#,
            ],
            body: "",
            canonical:
                #"GET\#n/\#n\#nhost:example.amazonaws.com\#nx-amz-date:20150830T123600Z\#n\#nhost;x-amz-date\#ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"#
        ),
        Self(
            name: #"get-vanilla-with-session-token"#, method: #"GET"#, query: "",
            headers: [
                #"Host:example.amazonaws.com"#,
                #"X-Amz-Security-Token:6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267"#,
                #"X-Amz-Date:20150830T123600Z"#,
                #"Authorization:AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date;x-amz-security-token, Signature=07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8"#,
            ],
            body: "",
            canonical:
                #"GET\#n/\#n\#nhost:example.amazonaws.com\#nx-amz-date:20150830T123600Z\#nx-amz-security-token:6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267\#n\#nhost;x-amz-date;x-amz-security-token\#ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"#
        ),
        Self(
            name: #"get-vanilla"#, method: #"GET"#, query: "",
            headers: [
                #"Host:example.amazonaws.com"#,
                #"X-Amz-Date:20150830T123600Z"#,
                #"Authorization:AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"#,
            ],
            body: "",
            canonical:
                #"GET\#n/\#n\#nhost:example.amazonaws.com\#nx-amz-date:20150830T123600Z\#n\#nhost;x-amz-date\#ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"#
        ),
        Self(
            name: #"post-header-key-case"#, method: #"POST"#, query: "",
            headers: [
                #"Host:example.amazonaws.com"#,
                #"X-Amz-Date:20150830T123600Z"#,
                #"Authorization:AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"#,
            ],
            body: "",
            canonical:
                #"POST\#n/\#n\#nhost:example.amazonaws.com\#nx-amz-date:20150830T123600Z\#n\#nhost;x-amz-date\#ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"#
        ),
        Self(
            name: #"post-header-key-sort"#, method: #"POST"#, query: "",
            headers: [
                #"Host:example.amazonaws.com"#,
                #"My-Header1:value1"#,
                #"X-Amz-Date:20150830T123600Z"#,
                #"Authorization:AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;my-header1;x-amz-date, Signature=c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"#,
            ],
            body: "",
            canonical:
                #"POST\#n/\#n\#nhost:example.amazonaws.com\#nmy-header1:value1\#nx-amz-date:20150830T123600Z\#n\#nhost;my-header1;x-amz-date\#ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"#
        ),
        Self(
            name: #"post-header-value-case"#, method: #"POST"#, query: "",
            headers: [
                #"Host:example.amazonaws.com"#,
                #"My-Header1:VALUE1"#,
                #"X-Amz-Date:20150830T123600Z"#,
                #"Authorization:AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;my-header1;x-amz-date, Signature=cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"#,
            ],
            body: "",
            canonical:
                #"POST\#n/\#n\#nhost:example.amazonaws.com\#nmy-header1:VALUE1\#nx-amz-date:20150830T123600Z\#n\#nhost;my-header1;x-amz-date\#ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"#
        ),
        Self(
            name: #"post-sts-header-after"#, method: #"POST"#, query: "",
            headers: [
                #"Host:example.amazonaws.com"#,
                #"X-Amz-Security-Token:AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="#,
                #"X-Amz-Date:20150830T123600Z"#,
                #"Authorization:AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"#,
            ],
            body: "",
            canonical:
                #"POST\#n/\#n\#nhost:example.amazonaws.com\#nx-amz-date:20150830T123600Z\#n\#nhost;x-amz-date\#ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"#
        ),
        Self(
            name: #"post-sts-header-before"#, method: #"POST"#, query: "",
            headers: [
                #"Host:example.amazonaws.com"#,
                #"X-Amz-Security-Token:AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="#,
                #"X-Amz-Date:20150830T123600Z"#,
                #"Authorization:AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date;x-amz-security-token, Signature=85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"#,
            ],
            body: "",
            canonical:
                #"POST\#n/\#n\#nhost:example.amazonaws.com\#nx-amz-date:20150830T123600Z\#nx-amz-security-token:AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==\#n\#nhost;x-amz-date;x-amz-security-token\#ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"#
        ),
        Self(
            name: #"post-vanilla-empty-query-value"#, method: #"POST"#, query: #"Param1=value1"#,
            headers: [
                #"Host:example.amazonaws.com"#,
                #"X-Amz-Date:20150830T123600Z"#,
                #"Authorization:AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"#,
            ],
            body: "",
            canonical:
                #"POST\#n/\#nParam1=value1\#nhost:example.amazonaws.com\#nx-amz-date:20150830T123600Z\#n\#nhost;x-amz-date\#ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"#
        ),
        Self(
            name: #"post-vanilla-query"#, method: #"POST"#, query: #"Param1=value1"#,
            headers: [
                #"Host:example.amazonaws.com"#,
                #"X-Amz-Date:20150830T123600Z"#,
                #"Authorization:AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"#,
            ],
            body: "",
            canonical:
                #"POST\#n/\#nParam1=value1\#nhost:example.amazonaws.com\#nx-amz-date:20150830T123600Z\#n\#nhost;x-amz-date\#ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"#
        ),
        Self(
            name: #"post-vanilla"#, method: #"POST"#, query: "",
            headers: [
                #"Host:example.amazonaws.com"#,
                #"X-Amz-Date:20150830T123600Z"#,
                #"Authorization:AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"#,
            ],
            body: "",
            canonical:
                #"POST\#n/\#n\#nhost:example.amazonaws.com\#nx-amz-date:20150830T123600Z\#n\#nhost;x-amz-date\#ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"#
        ),
        Self(
            name: #"post-x-www-form-urlencoded-parameters"#, method: #"POST"#, query: "",
            headers: [
                #"Content-Type:application/x-www-form-urlencoded; charset=utf-8"#,
                #"Host:example.amazonaws.com"#,
                #"Content-Length:13"#,
                #"X-Amz-Date:20150830T123600Z"#,
                #"x-amz-content-sha256:9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e"#,
                #"Authorization:AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=content-length;content-type;host;x-amz-content-sha256;x-amz-date, Signature=328d1b9eaadca9f5818ef05e8392801e091653bafec24fcab71e7344e7f51422"#,
            ],
            body: #"Param1=value1"#,
            canonical:
                #"POST\#n/\#n\#ncontent-length:13\#ncontent-type:application/x-www-form-urlencoded; charset=utf-8\#nhost:example.amazonaws.com\#nx-amz-content-sha256:9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e\#nx-amz-date:20150830T123600Z\#n\#ncontent-length;content-type;host;x-amz-content-sha256;x-amz-date\#n9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e"#
        ),
        Self(
            name: #"post-x-www-form-urlencoded"#, method: #"POST"#, query: "",
            headers: [
                #"Content-Type:application/x-www-form-urlencoded"#,
                #"Host:example.amazonaws.com"#,
                #"Content-Length:13"#,
                #"X-Amz-Date:20150830T123600Z"#,
                #"x-amz-content-sha256:9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e"#,
                #"Authorization:AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=content-length;content-type;host;x-amz-content-sha256;x-amz-date, Signature=d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b"#,
            ],
            body: #"Param1=value1"#,
            canonical:
                #"POST\#n/\#n\#ncontent-length:13\#ncontent-type:application/x-www-form-urlencoded\#nhost:example.amazonaws.com\#nx-amz-content-sha256:9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e\#nx-amz-date:20150830T123600Z\#n\#ncontent-length;content-type;host;x-amz-content-sha256;x-amz-date\#n9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e"#
        ),
    ]
}
