#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A queue whose reader sleeps while it is empty.
///
/// Unchecked: elements are only touched under the lock. `Mutex` has nothing to sleep on.
final class WaitingQueue<Element: Sendable>: @unchecked Sendable {
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let arrival = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var elements: [Element] = []

    init() {
        pthread_mutex_init(lock, nil)
        pthread_cond_init(arrival, nil)
    }

    deinit {
        pthread_cond_destroy(arrival)
        pthread_mutex_destroy(lock)
        arrival.deallocate()
        lock.deallocate()
    }

    func append(_ element: Element) {
        pthread_mutex_lock(lock)
        elements.append(element)
        pthread_cond_signal(arrival)
        pthread_mutex_unlock(lock)
    }

    /// Waits for the next element.
    func next() -> Element {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while elements.isEmpty { pthread_cond_wait(arrival, lock) }
        return elements.removeFirst()
    }
}
