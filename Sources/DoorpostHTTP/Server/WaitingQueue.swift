/// Connections in the order in which they began to wait for their client. Linked, so that every
/// step costs the same. Used on one event loop only.
final class WaitingQueue {
    /// One connection's place in one queue.
    final class Place {
        unowned let connection: RequestGuard
        fileprivate var earlier: Place?
        fileprivate var later: Place?
        fileprivate var isTaken = false

        init(of connection: RequestGuard) { self.connection = connection }
    }

    private var head: Place?
    private var tail: Place?

    /// Who has waited longest.
    var first: RequestGuard? { head?.connection }

    /// Takes the last place.
    func enqueue(_ place: Place) {
        dequeue(place)
        place.isTaken = true
        place.earlier = tail
        tail?.later = place
        tail = place
        head = head ?? place
    }

    /// Gives the place up; one that is not taken is no error.
    func dequeue(_ place: Place) {
        guard place.isTaken else { return }
        place.isTaken = false
        if head === place { head = place.later }
        if tail === place { tail = place.earlier }
        place.earlier?.later = place.later
        place.later?.earlier = place.earlier
        place.earlier = nil
        place.later = nil
    }
}
