import Foundation
import Synchronization

/// Runs the body on so many threads at once and returns what each of them got.
///
/// All threads are there before the first may run: a race that never happened proves nothing.
package func race<T: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (Int) -> T
) -> [T] {
    let results = Mutex<[T]>([])
    // Threads outlive the borrow of a local Mutex as far as the compiler can tell.
    let shared = Shared(results)
    let ready = DispatchSemaphore(value: 0)
    let gate = DispatchSemaphore(value: 0)
    let done = DispatchSemaphore(value: 0)
    for index in 0..<count {
        Thread {
            ready.signal()
            gate.wait()
            let result = body(index)
            shared.results.withLock { $0.append(result) }
            done.signal()
        }.start()
    }
    for _ in 0..<count { ready.wait() }
    for _ in 0..<count { gate.signal() }
    for _ in 0..<count { done.wait() }
    return shared.results.withLock { $0 }
}

private final class Shared<T: Sendable>: Sendable {
    let results: Mutex<[T]>
    init(_ results: consuming Mutex<[T]>) { self.results = results }
}
