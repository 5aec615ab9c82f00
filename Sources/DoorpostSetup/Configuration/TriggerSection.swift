package import DoorpostCore
package import DoorpostTriggers

/// What runs at which point of the flow (`triggers:`).
package struct TriggerSection: Hashable, Sendable {
    package var programs: [TriggerPoint: TriggerProgram]
    /// Of the events of ``TriggerPoint/preTokenGeneration``: 1 or 2.
    package var tokenVersion: Int

    package static let none = Self(programs: [:], tokenVersion: 1)
}
