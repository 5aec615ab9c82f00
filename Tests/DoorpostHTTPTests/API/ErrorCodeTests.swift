import Testing

@testable import DoorpostHTTP

@Suite("The error codes of the HTTP API")
struct ErrorCodeTests {
    @Test("are words in lower case, since programs compare them")
    func areWords() {
        for code in ErrorCode.allCases {
            #expect(code.rawValue.utf8.allSatisfy { (0x61...0x7a).contains($0) || $0 == 0x5f })
        }
    }
}
