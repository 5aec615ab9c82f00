/// What libcurl's callbacks touch during one errand: the bytes still to send, and the relay's last
/// words.
final class SMTPDialogue {
    private var unsent: ArraySlice<UInt8>
    private var lastLine: [UInt8] = []
    /// How often the relay has answered, its goodbye not counted.
    private(set) var answers = 0
    /// Whether the relay has had the whole mail: if it falls silent now, it may have taken it.
    private(set) var isSent = false

    /// - Parameter upload: the mail with CRLF line ends; only the LF are kept, since libcurl
    ///   (CURLOPT_CRLF) puts a CR before every LF. So a bare LF cannot reach the wire, whatever
    ///   was encoded.
    init(upload: [UInt8]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(upload.count)
        for part in upload.split(separator: 0x0d) { bytes += part }
        unsent = bytes[...]
    }

    /// The last line that the relay sent, as sent.
    var lastAnswer: String { String(decoding: lastLine, as: UTF8.self) }

    /// Moves the next bytes of the mail to `buffer`; 0 at its end.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let chunk = unsent.prefix(buffer.count)
        buffer.copyBytes(from: chunk)
        unsent = unsent.dropFirst(chunk.count)
        isSent = chunk.isEmpty
        return chunk.count
    }

    /// Remembers a line, as far as anybody will want to read it; but not the goodbye (221),
    /// which would stand in place of the answer that made libcurl say QUIT.
    func note(_ line: UnsafeRawBufferPointer) {
        if line.starts(with: "221".utf8) { return }
        lastLine = Array(line.prefix(1024))
        // "250-" goes on, "250 " is an answer's last line.
        if line.dropFirst(3).first != UInt8(ascii: "-") { answers += 1 }
    }
}
