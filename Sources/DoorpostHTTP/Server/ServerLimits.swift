package import NIOCore

/// How long a client may take and how much it may send.
package struct ServerLimits: Sendable {
    /// From the first byte of a request to the end of its headers.
    package var head = TimeAmount.seconds(5)
    /// From the first byte of a request to the end of its body.
    package var request = TimeAmount.seconds(10)
    /// From the connection to its first byte.
    package var firstByte = TimeAmount.seconds(10)
    /// Between two requests of a connection, and for a client to take in an answer.
    package var idle = TimeAmount.seconds(30)
    /// What a client has left to read a refusal before the connection is cut.
    package var linger = TimeAmount.seconds(2)
    /// For requests in progress when the server is asked to end.
    package var drain = TimeAmount.seconds(10)

    package var headerFields = 100
    package var headerBytes = 16 * 1024
    package var bodyBytes = 16 * 1024
    /// Requests of one connection that may wait for the first one's answer.
    package var pipelined = 16
    /// Connections at a time.
    package var connections = 16384
    /// Of those, what one source may hold: enough for an office behind one address, and too few
    /// for some sources to leave nothing to the others.
    var connectionsOfSource: Int { connections / 8 }

    package init() {}
}
