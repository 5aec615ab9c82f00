/// Why a command ends without having done what it was asked: what happened, and what to do.
package struct CommandFailure: Error, Equatable, Sendable {
    package var status: ExitStatus
    package var text: String

    package init(_ status: ExitStatus, _ text: String) {
        self.status = status
        self.text = text
    }

    static func refused(_ text: String) -> Self { Self(.refused, text) }
    static func usage(_ text: String) -> Self { Self(.usage, text) }
}
