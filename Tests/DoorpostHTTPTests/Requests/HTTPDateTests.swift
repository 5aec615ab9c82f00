import DoorpostCore
import Testing

@testable import DoorpostHTTP

@Suite("The date of answers")
struct HTTPDateTests {
    @Test("is written as RFC 9110 says")
    func written() {
        #expect(HTTPDate.write(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(HTTPDate.write(0) == "Thu, 01 Jan 1970 00:00:00 GMT")
    }

    @Test("moves on with the clock")
    func moves() {
        let date = HTTPDate()
        #expect(date.text(Timestamp(seconds: 0)) == date.text(Timestamp(milliseconds: 999)))
        #expect(date.text(Timestamp(seconds: 1)) == "Thu, 01 Jan 1970 00:00:01 GMT")
    }
}
