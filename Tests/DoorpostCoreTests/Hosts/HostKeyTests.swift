import DoorpostTesting
import Testing

@testable import DoorpostCore

@Suite("A host's credential")
struct HostKeyTests {
    private static let id = "0123456789ab"
    private static let secret = String(repeating: "z9", count: 25)
    private static let good = "dph_\(id)_\(secret)"

    @Test("is read as it was written")
    func read() throws {
        let key = try #require(HostKey(Self.good))
        #expect(key.id.text == Self.id && key.text == Self.good)
        let drawn = HostKey.draw(from: SystemRandom())
        #expect(HostKey(drawn.text) == drawn)
        #expect(HostKey.draw(from: SystemRandom()) != drawn)
    }

    @Test(
        "is read in no other form",
        arguments: [
            "", "dph_", "dph__", "DPH_\(id)_\(secret)", "dph_\(id)\(secret)", "\(id)_\(secret)",
            "dph_\(id)_\(secret)_", "dph_\(id)_\(secret)_x", "_dph_\(id)_\(secret)",
            "dph_\(id)_\(secret)x", "dph_\(id)_\(secret.dropLast())", "dph_\(id)x_\(secret)",
            "dph_\(id.dropLast())_\(secret)", "dph_\(id)_\(secret.dropLast())Z",
            "dph_\(id)_\(secret.dropLast()) ", "dph_\(id)_\(secret)\n", " \(good)",
            "dph_\(id)_\(secret.dropLast())é", "dph_\(id.dropLast())-_\(secret)",
        ])
    func others(text: String) {
        #expect(HostKey(text) == nil)
    }

    @Test("shows no secret")
    func redacted() throws {
        let key = try #require(HostKey(Self.good))
        for text in ["\(key)", String(reflecting: key)] {
            #expect(text == "HostKey(\(Self.id), redacted)")
        }
    }

    @Test("is its host's, and no other's, under no other secret of ours")
    func hashed() throws {
        let keys = try #require(FlowKeys(secret: [UInt8](repeating: 7, count: 32)))
        let (host, key) = EnrolledHost.make(
            name: "web1", keys: keys, random: SystemRandom(), at: Samples.noon)
        #expect(host.id == key.id && host.name == "web1" && host.createdAt == Samples.noon)
        #expect(host.revokedAt == nil && keys.isKey(key, of: host))
        #expect(host.keyHash.firstRange(of: key.text.utf8.suffix(50)) == nil)
        let other = EnrolledHost.make(
            name: "web2", keys: keys, random: SystemRandom(), at: Samples.noon)
        #expect(!keys.isKey(other.key, of: host))
        // The right secret under another id.
        let swapped = try #require(HostKey("dph_\(other.host.id)_\(key.text.suffix(50))"))
        #expect(!keys.isKey(swapped, of: host) && !keys.isKey(swapped, of: other.host))
        let elsewhere = try #require(FlowKeys(secret: [UInt8](repeating: 8, count: 32)))
        #expect(!elsewhere.isKey(key, of: host))
    }

    @Test(
        "belongs to a machine with a name that machines have",
        arguments: [
            ("a", true), ("0", true), ("DB1.example-net_2", true),
            (String(repeating: "x", count: 64), true), (String(repeating: "x", count: 65), false),
            ("", false), (".a", false), ("-a", false), ("_a", false), ("a b", false),
            ("a|b", false), ("a/b", false), ("a\n", false), ("é", false), ("a\0", false),
        ])
    func names(name: String, isOne: Bool) {
        #expect(EnrolledHost.isName(name) == isOne)
    }
}
