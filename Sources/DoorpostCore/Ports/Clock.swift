/// Where the flow learns what time it is. Injected, so that tests move time by hand.
package protocol Clock: Sendable {
    /// The wall clock's time now.
    var now: Timestamp { get }
}
