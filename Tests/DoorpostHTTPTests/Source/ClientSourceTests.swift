import DoorpostCore
import HTTPTypes
import Testing

@testable import DoorpostHTTP

@Suite("The source of a request")
struct ClientSourceTests {
    private static let proxies = ["127.0.0.1", "10.0.0.0/8", "fd00::/8"]

    private func source(_ peer: String, _ forwarded: [String], trusting: [String] = proxies)
        throws -> String
    {
        var headers = HTTPFields()
        for value in forwarded {
            headers.append(HTTPField(name: try #require(.init("X-Forwarded-For")), value: value))
        }
        let networks = try trusting.map { try #require(IPNetwork($0)) }
        return ClientSource.of(peer: peer, headers: headers, trusting: networks).text
    }

    @Test("is the peer when the peer is no trusted proxy, whatever it says")
    func untrusted() throws {
        #expect(try source("203.0.113.9", ["192.0.2.1"]) == "203.0.113.9")
        #expect(try source("127.0.0.1", ["192.0.2.1"], trusting: []) == "127.0.0.1")
    }

    @Test(
        "is the last address that no trusted proxy has",
        arguments: [
            (["192.0.2.1"], "192.0.2.1"),
            (["198.51.100.1, 192.0.2.1"], "192.0.2.1"),
            (["192.0.2.1, 10.1.2.3"], "192.0.2.1"),
            (["198.51.100.1, 192.0.2.1,10.1.2.3 , 10.9.9.9"], "192.0.2.1"),
            (["198.51.100.1", "192.0.2.1, 10.1.2.3"], "192.0.2.1"),
            (["10.1.2.3, 10.9.9.9"], "10.1.2.3"),
            (["192.0.2.1:4711"], "192.0.2.1"),
            (["[2001:db8::1]:4711"], "2001:db8::1"),
            (["2001:db8::1"], "2001:db8::1"),
            (["2001:db8::1, fd00::2"], "2001:db8::1"),
        ])
    func walked(forwarded: [String], expected: String) throws {
        #expect(try source("127.0.0.1", forwarded) == expected)
    }

    @Test(
        "stays the proxy where it says what is no address",
        arguments: ["unknown", "", "_hidden", "192.0.2.1, garbage", "1.2.3.4.5", "192.0.2.1/8"])
    func garbage(forwarded: String) throws {
        #expect(try source("127.0.0.1", [forwarded]) == "127.0.0.1")
    }

    @Test("is limited by /64 for IPv6 and by address for IPv4, also when mapped")
    func keys() throws {
        #expect(Source("2001:db8::1").limitKey == Source("2001:db8::ffff").limitKey)
        #expect(Source("2001:db8::1").limitKey != Source("2001:db8:0:1::1").limitKey)
        #expect(Source("::ffff:192.0.2.1").limitKey == Source("192.0.2.1").limitKey)
    }

    @Test(
        "gives a peer its share of the connections, but no proxy and no program of this machine",
        arguments: [
            ("203.0.113.9", "203.0.113.9"), ("::ffff:203.0.113.9", "203.0.113.9"),
            ("2001:db8::7", Source("2001:db8::1").limitKey), ("10.1.2.3", nil), ("fd00::1", nil),
            ("127.0.0.1", nil), ("127.9.9.9", nil), ("::ffff:127.0.0.1", nil), ("::1", nil),
        ])
    func shares(peer: String, key: String?) throws {
        let proxies = try ["10.0.0.0/8", "fd00::/8"].map { try #require(IPNetwork($0)) }
        #expect(ClientSource.share(ofPeer: peer, trusting: proxies) == key)
    }

    @Test(
        "a network holds what its bits say",
        arguments: [
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false),
            ("192.0.2.128/25", "192.0.2.127", false), ("192.0.2.128/25", "192.0.2.129", true),
            ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "::1", false),
            ("::1", "::1", true), ("2001:db8::/33", "2001:db8:8000::1", false),
            ("127.0.0.1", "::ffff:127.0.0.1", true),
        ])
    func networks(network: String, address: String, isInside: Bool) throws {
        #expect(try #require(IPNetwork(network)).contains(address) == isInside)
    }
}
