import HTTPTypes
import Testing

@testable import DoorpostHTTP

@Suite("Session cookies")
struct SessionCookiesTests {
    private func value(_ cookies: String...) throws -> String? {
        var headers = HTTPFields()
        for cookie in cookies { headers.append(HTTPField(name: .cookie, value: cookie)) }
        return try SessionCookies.value(of: SessionCookies.refresh, in: headers)
    }

    @Test("are found among others")
    func found() throws {
        #expect(try value("a=b; __Host-doorpost-refresh=x.1.y; c=d") == "x.1.y")
        #expect(try value("a=b") == nil)
        #expect(try value("__Host-doorpost-refresh=") == nil)
        #expect(try value("__host-doorpost-refresh=x") == nil)
        #expect(try value("x__Host-doorpost-refresh=x") == nil)
    }

    @Test("that come twice, or beside bytes that are none of a cookie, are refused")
    func tossed() {
        #expect(throws: APIError.self) {
            try value("__Host-doorpost-refresh=a; __Host-doorpost-refresh=b")
        }
        #expect(throws: APIError.self) {
            try value("__Host-doorpost-refresh=a", "__Host-doorpost-refresh=b")
        }
        #expect(throws: APIError.self) { try value("\u{2000}__Host-doorpost-refresh=b") }
    }
}
