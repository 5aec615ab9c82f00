import DoorpostCore
import Testing

@Suite("A mail address")
struct EmailAddressTests {
    @Test(
        "is taken when it is dot-atom@LDH, and lower-cased in ASCII",
        arguments: [
            ("alice@example.org", "alice@example.org"),
            ("Alice@Example.ORG", "alice@example.org"),
            ("a.b+tag@mail.example.org", "a.b+tag@mail.example.org"),
            (
                "x!#$%&'*/=?^_`{|}~-y@xn--gmal-nza.example",
                "x!#$%&'*/=?^_`{|}~-y@xn--gmal-nza.example"
            ),
            ("root@localhost", "root@localhost"),
            (
                String(repeating: "a", count: 64) + "@b.example",
                String(repeating: "a", count: 64) + "@b.example"
            ),
        ])
    func taken(text: String, canonical: String) {
        #expect(EmailAddress(text)?.canonical == canonical)
    }

    @Test(
        "is refused when it is anything else",
        arguments: [
            "", "@", "a@", "@b.example", "a", "a@b@c.example", "a,b@c.example", "a b@c.example",
            " a@b.example", "a@b.example ", "a@b.example\n", "a@b.example\r\nRCPT TO:<evil@e>",
            "v@b.example>\r\nRCPT TO:<evil@e.example", "<a@b.example>", "Alice <a@b.example>",
            "\"a\"@b.example", "\"a b\"@b.example", "a(comment)@b.example", "a@[127.0.0.1]",
            "a@127.0.0.1", "a@[IPv6:::1]", ".a@b.example", "a.@b.example", "a..b@c.example",
            "a@.b.example", "a@b..example", "a@b.example.", "a@-b.example", "a@b-.example",
            "a@b_c.example", "=?utf-8?q?a?=@b.example@c.example", "a@b.example,c@d.example",
            "a@b.example;c@d.example", "a%00@b\0.example", "a\0@b.example", "a\u{7f}@b.example",
            "a\u{2028}@b.example", "a\u{202e}@b.example", "ı@b.example", "ſ@b.example",
            "\u{212a}@b.example", "ﬀ@b.example", "ß@b.example", "é@b.example",
            "gma\u{131}l@gmaıl.example",
            "a@exämple.org", "a@b.example/../x", "a@b.example?x", "a@b.exa mple",
            String(repeating: "a", count: 65) + "@b.example",
            "a@" + String(repeating: "b", count: 64) + ".example",
            "a@" + String(repeating: "b.", count: 130) + "example",
        ])
    func refused(text: String) {
        #expect(EmailAddress(text) == nil)
    }

    @Test("folds its +tag for limits only")
    func folded() throws {
        let tagged = try #require(EmailAddress("a+1@x.example"))
        let plain = try #require(EmailAddress("a@x.example"))
        #expect(tagged.folded == plain.folded)
        #expect(tagged != plain)
        #expect(EmailAddress("+only@x.example")?.folded == "+only@x.example")
    }
}

@Suite("A login name")
struct LoginNameTests {
    @Test(
        "is taken as it is", arguments: ["alice", "Alice", "a", "_x", "a.b-c_d", "machine$", "9x"])
    func taken(text: String) {
        #expect(LoginName(text)?.name == text)
    }

    @Test(
        "is refused when something could read it as anything but a name",
        arguments: [
            "", "-froot", "../x", "a/b", ".", "..", "a b", "a\n", "a\0", "a:b", "alice:style",
            "\u{1b}]0;x\u{7}", "é", "$", "a$b", String(repeating: "a", count: 33), "a@b",
        ])
    func refused(text: String) {
        #expect(LoginName(text) == nil)
    }
}
