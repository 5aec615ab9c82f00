extension Flow {
    /// Where a code goes, as far as anybody may be told: `a***@e***`. Somebody who is not in the
    /// pool has such a place, too, and always the same.
    ///
    /// - Throws: ``FlowError``: the store did not answer.
    package func deliveryHint(for who: SignInName) throws(FlowError) -> String {
        if case .email(let text) = who {
            guard let address = EmailAddress(text) else { return Self.hint("*", "*") }
            return Self.hint(address)
        }
        do {
            let user = try who.reference.flatMap { reference throws(StoreError) in
                try store.user(reference)
            }
            if let user { return Self.hint(user.email) }
        } catch {
            throw FlowError(error)
        }
        // Letters, not digits: addresses rarely begin with one.
        let letters = keys.pseudonym("hint \(who.exact)").utf8.prefix(2).map { digit in
            String(UnicodeScalar(UInt8(ascii: "a") + digit % 26))
        }
        return Self.hint(letters[0], letters[1])
    }

    private static func hint(_ address: EmailAddress) -> String {
        hint(String(address.canonical.prefix(1)), String(address.domain.prefix(1)))
    }

    private static func hint(_ local: String, _ domain: String) -> String {
        "\(local)***@\(domain)***"
    }
}
