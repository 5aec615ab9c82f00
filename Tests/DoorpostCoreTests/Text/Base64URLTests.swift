import DoorpostCore
import Testing

/// One spelling for one value.
@Suite struct Base64URLTests {
    @Test(arguments: ["", "AA", "AQ", "AAA", "AAE", "AAAA", "-_-_", "AAAAAA"])
    func `what encode gives is read`(_ text: String) throws {
        #expect(Base64URL.encode(try #require(Base64URL.decode(text))) == text)
    }

    // "AB" and "AAB" have last bits that belong to no byte: two texts for the value of "AA", "AAA".
    @Test(arguments: [
        "A", "AAAAA", "AB", "AAB", "AA==", "AAA=", "+/+/", "AA AA", "AA\n", "Å", "AA\0",
    ])
    func `anything else is not`(_ text: String) {
        #expect(Base64URL.decode(text) == nil)
    }
}
