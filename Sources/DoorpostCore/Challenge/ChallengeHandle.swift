/// What a door gives to whoever waits for a code, and gets back with the answer: the challenge,
/// sealed. On the wire it is called `session`.
///
/// It holds all that is needed, so the store keeps nothing for it: several handles of one
/// challenge (two tabs) are all good, and a stolen store makes none.
package struct ChallengeHandle: Hashable, Sendable {
    package let text: String

    /// More text is not even looked at.
    static let longestText = 512
}

extension ChallengeHandle: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String { "ChallengeHandle(redacted)" }
    package var debugDescription: String { description }
}

extension Flow {
    /// A handle of a challenge that was started for this name.
    ///
    /// - Throws: ``FlowError``: it could not be sealed.
    package func handle(of challenge: ChallengeID, for who: SignInName) throws(FlowError)
        -> ChallengeHandle
    {
        try seal("\(challenge.text) \(keys.pseudonym(who.exact))")
    }

    /// The challenge of a handle; nil if it is none of ours, or was made for another name.
    ///
    /// - Parameter who: whom the answer names, if anybody.
    package func challenge(of handle: String, for who: SignInName? = nil) -> ChallengeID? {
        guard let parts = open(handle), parts.count == 2 else { return nil }
        if let who, keys.pseudonym(who.exact) != parts[1] { return nil }
        return ChallengeID(parts[0])
    }

    /// A handle that holds this.
    func seal(_ content: String) throws(FlowError) -> ChallengeHandle {
        do {
            return ChallengeHandle(
                text: Base64URL.encodeArgument(try keys.sealHandle(Array(content.utf8))))
        } catch {
            throw FlowError(.internal, "a handle could not be sealed")
        }
    }

    /// The parts that a handle holds; nil if it is none of ours.
    func open(_ handle: String) -> [String]? {
        guard handle.utf8.count <= ChallengeHandle.longestText,
            let sealed = Base64URL.decodeArgument(handle),
            let content = try? keys.openHandle(Array(sealed))
        else { return nil }
        return content.split(separator: UInt8(ascii: " ")).map {
            String(decoding: $0, as: UTF8.self)
        }
    }
}
