/// Why the store could not do what it was asked. Two errors are equal when their codes are.
package struct StoreError: Error, Sendable, Equatable {
    /// What kind of failure it is; more kinds may come.
    package struct Code: Hashable, Sendable {
        package let name: String
        private init(_ name: String) { self.name = name }

        /// Somebody else held the store for longer than we wait. Trying again later may work.
        package static let busy = Self("busy")
        /// The store cannot be read or written: missing, no permission, disk full, read-only.
        package static let unavailable = Self("unavailable")
        /// The file is damaged, or is not a Doorpost store.
        package static let corrupt = Self("corrupt")
        /// The store was made by an older or a newer Doorpost.
        package static let schemaMismatch = Self("schema_mismatch")
        /// A user with this address or login name is there already.
        package static let conflict = Self("conflict")
        /// The store is not in the state that was asked for. Nothing was changed.
        package static let refused = Self("refused")
    }

    package var code: Code
    /// For the administrator: what happened, where, and what to do about it.
    package var detail: String

    package init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    package static func == (left: Self, right: Self) -> Bool { left.code == right.code }
}

extension StoreError: CustomStringConvertible {
    package var description: String { "\(code.name): \(detail)" }
}
