package import DoorpostCore
import Glibc

/// Puts each mail into a directory, as a file `<time>-<random>.eml` of the bytes that a relay
/// would have been sent.
///
/// A file appears under its name only when it is whole and on the disk, and sorts behind all
/// that came before it. Nothing of the mail is in the name.
package struct OutboxDirectoryMailer: Mailer {
    private let directory: String
    private let encoder: MessageEncoder

    package init(directory: String, encoder: MessageEncoder) {
        self.directory = directory
        self.encoder = encoder
    }

    package func deliver(_ message: MailMessage) throws(MailError) -> MailReceipt {
        let bytes = try encoder.encode(message)
        let folder = try open()
        let name = Self.newName()
        try folder.write(bytes, as: name)
        return MailReceipt(answer: "written to \(name)")
    }

    package func probe() throws(MailError) {
        let folder = try open()
        guard folder.isWritable else {
            throw MailError(.misconfigured, "outbox \(directory) is not writable; chown it")
        }
    }

    private func open() throws(MailError) -> OutboxFolder {
        do throws(SystemError) {
            return try OutboxFolder(directory)
        } catch {
            throw MailError(
                .misconfigured,
                "outbox \(directory): \(error); make it with: install -d -m 700 \(directory)")
        }
    }

    /// Nanoseconds since 1970 in a fixed width, so that names sort by time until 2286, and a
    /// random part for two mails in one nanosecond.
    private static func newName() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let seconds = padded(String(now.tv_sec), to: 10)
        let fraction = padded(String(now.tv_nsec), to: 9)
        let random = padded(String(UInt64.random(in: .min ... .max), radix: 16), to: 16)
        return "\(seconds).\(fraction)-\(random).eml"
    }

    private static func padded(_ digits: String, to width: Int) -> String {
        String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
