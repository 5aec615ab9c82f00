import Testing

@testable import DoorpostPostgres

/// What may stand in `store:`, and what libpq is told about it.
@Suite struct PostgresAddressTests {
    @Test(arguments: [
        "postgres://ada:secret@db.example.org/d", "postgresql://:secret@/d",
        "postgres://a:b@c@db.example.org/d", "postgres://db.example.org/d?password=secret",
        "postgres:///d?host=/run&Password=secret", "postgres:///d?sslpassword=secret",
    ])
    func aPasswordIsRefused(_ text: String) {
        #expect(throws: PostgresAddress.Fault.holdsPassword) { try PostgresAddress(text) }
    }

    @Test(arguments: [
        "", "doorpost", "mysql://x", "postgres:/x", "host=/run dbname=x",
        "postgres:///d?p%61ssword=secret", "postgres:///d?sslmode",
    ])
    func anythingElseIsNoAddress(_ text: String) {
        #expect(throws: PostgresAddress.Fault.notAURL) { try PostgresAddress(text) }
    }

    @Test(arguments: [
        "postgres://doorpost@db.example.org/d", "postgres://db-a,db-b:5433/d",
        "postgres:///d?host=/run,db.example.org", "postgres://localhost.example.org/d",
        "postgres:///d?service=doorpost", "postgres://[2001:db8::1]/d",
        "postgres:///d?hostaddr=192.0.2.7",
    ])
    func whatLeavesTheMachineIsVerified(_ text: String) throws {
        let parameters = try PostgresAddress(text).parameters
        let mode = try #require(parameters.keywords.firstIndex(of: "sslmode"))
        #expect(parameters.values[mode] == "verify-full")
        // The URL overrides what stands before it, so it must not come first.
        let url = try #require(parameters.keywords.firstIndex(of: "dbname"))
        #expect(mode < url)
        #expect(parameters.values[url] == text)
        #expect(parameters.keywords.contains("target_session_attrs"))
    }

    @Test(arguments: [
        "postgres:///d", "postgres:///d?host=/run/postgresql", "postgres://%2Frun%2Fpg/d",
        "postgres://doorpost@localhost:5432/d", "postgres://127.0.0.1/d", "postgres://[::1]:5/d",
        "postgres://db.example.org/d?sslmode=verify-ca",
    ])
    func whatStaysOnItOrSaysOtherwiseIsNot(_ text: String) throws {
        #expect(try !PostgresAddress(text).parameters.keywords.contains("sslmode"))
    }
}
