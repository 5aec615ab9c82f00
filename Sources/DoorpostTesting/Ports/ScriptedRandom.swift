import DoorpostCore
import Synchronization

/// Randomness that a test writes down beforehand; after the script it counts upwards, so that
/// ids stay distinct.
package final class ScriptedRandom: RandomSource {
    private struct State {
        var script: [[UInt8]]
        var counter: UInt64 = 0
    }

    private let state: Mutex<State>

    /// - Parameter script: what successive calls return, whatever count they ask for.
    package init(_ script: [[UInt8]] = []) {
        state = Mutex(State(script: script))
    }

    package func bytes(_ count: Int) -> [UInt8] {
        state.withLock { state in
            if !state.script.isEmpty { return state.script.removeFirst() }
            state.counter += 1
            var bytes = [UInt8](repeating: 0, count: count)
            for index in bytes.indices.suffix(8) {
                let shift = UInt64(bytes.endIndex - 1 - index) * 8
                bytes[index] = UInt8(truncatingIfNeeded: state.counter >> shift)
            }
            return bytes
        }
    }
}
