package import DoorpostCenter

/// The central Doorpost that this machine asks (`server:`, `host_key:`).
package struct CenterSection: Hashable, Sendable {
    package var address: CenterAddress
    /// The file that holds this machine's credential in its first line.
    package var keyFile: String
}
