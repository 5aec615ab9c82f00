/// What is done on a connection once it is up.
struct SMTPErrand {
    /// Who sends to whom, as text; nil: only greet, sign in, and name nobody.
    let envelope: (sender: String, recipient: String)?
    /// The mail, with CRLF line ends.
    let upload: [UInt8]
    /// Text of which no part may show in an error or receipt, even if the relay repeats it.
    let secret: String

    static let probe = Self(envelope: nil, upload: [], secret: "")
}
