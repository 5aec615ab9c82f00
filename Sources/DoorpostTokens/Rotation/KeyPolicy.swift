package import DoorpostCore

/// How long keys are published before and after they sign.
package struct KeyPolicy: Hashable, Sendable {
    /// How long a new key is published before it signs. Relying parties keep the key set for
    /// 300 s by our `Cache-Control`, but many for a day by their own settings.
    package var publishLead: Span
    /// The longest life of any token: so long a key that no longer signs stays published.
    package var longestTokenLife: Span

    package init(publishLead: Span = .hours(24), longestTokenLife: Span = .hours(12)) {
        self.publishLead = publishLead
        self.longestTokenLife = longestTokenLife
    }
}
