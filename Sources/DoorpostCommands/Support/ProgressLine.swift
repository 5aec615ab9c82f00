import Glibc

/// How far a long command is, on standard error: one line that is written over where a person
/// watches, else a line every few seconds.
final class ProgressLine {
    private let isTerminal = isatty(2) == 1
    private var last = ContinuousClock.now
    private var isShown = false

    /// Shows the text, unless the last one was shown just now.
    func show(_ text: @autoclosure () -> String) {
        guard last.duration(to: .now) >= (isTerminal ? .milliseconds(100) : .seconds(5)) else {
            return
        }
        last = .now
        guard isTerminal else { return Output.note(text()) }
        isShown = true
        // Back to the left edge, and the rest of the old text erased.
        write("\r\(Terminal.safe(text()))\u{1b}[K")
    }

    /// Takes the line away, so that results begin at the left edge.
    func end() {
        if isShown { write("\r\u{1b}[K") }
        isShown = false
    }

    private func write(_ text: String) {
        _ = Array(text.utf8).withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
    }
}
