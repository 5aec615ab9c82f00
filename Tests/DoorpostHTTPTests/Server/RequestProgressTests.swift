import NIOCore
import Testing

@testable import DoorpostHTTP

@Suite struct RequestProgressTests {
    private let limits = ServerLimits()
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    private func at(_ seconds: Int64) -> NIODeadline { start + .seconds(seconds) }

    @Test func `a connection that says nothing has its time, and so has one between requests`() {
        var it = RequestProgress(now: at(0))
        #expect(it.isIdle)
        #expect(it.deadline(limits) == at(10))
        it.bytesArrived(now: at(1))
        it.headArrived(now: at(1))
        it.requestComplete()
        it.answerBegan()
        it.answerEnded(now: at(2))
        #expect(it.isIdle)
        #expect(it.deadline(limits) == at(32))
    }

    @Test func `the time of head and body runs from the first byte, however they trickle`() {
        var it = RequestProgress(now: at(0))
        it.bytesArrived(now: at(4))
        it.bytesArrived(now: at(8))
        #expect(it.deadline(limits) == at(9))
        it.headArrived(now: at(8))
        #expect(it.bodyArrived(100) == 100)
        it.bytesArrived(now: at(9))
        #expect(it.bodyArrived(100) == 200)
        #expect(it.deadline(limits) == at(14))
    }

    @Test func `a request that is whole waits for us, not we for the client`() {
        var it = RequestProgress(now: at(0))
        it.bytesArrived(now: at(0))
        it.headArrived(now: at(0))
        #expect(it.inHand == 0)
        it.requestComplete()
        #expect(it.inHand == 1)
        #expect(it.deadline(limits) == .distantFuture)
    }

    @Test func `while we are slow the next request's time stands still`() {
        var it = RequestProgress(now: at(0))
        it.bytesArrived(now: at(0))
        it.headArrived(now: at(0))
        it.requestComplete()
        it.bytesArrived(now: at(1))
        #expect(it.deadline(limits) == .distantFuture)
        it.answerBegan()
        it.answerEnded(now: at(20))
        #expect(it.deadline(limits) == at(25))
    }

    @Test func `a client that takes no answer in has its time, too`() {
        var it = RequestProgress(now: at(0))
        it.bytesArrived(now: at(0))
        it.headArrived(now: at(0))
        it.requestComplete()
        it.answerBegan()
        it.writability(false, now: at(1))
        it.writability(false, now: at(5))
        #expect(it.deadline(limits) == at(31))
        it.writability(true, now: at(6))
        #expect(it.deadline(limits) == .distantFuture)
    }

    @Test func `an answer before the end of its request is the last one`() {
        var it = RequestProgress(now: at(0))
        it.bytesArrived(now: at(0))
        it.headArrived(now: at(0))
        it.answerBegan()
        #expect(it.isLast)
        it.answerEnded(now: at(0))
        it.end(now: at(1))
        #expect(it.isEnding)
        #expect(it.deadline(limits) == at(3))
    }

    @Test func `of several requests the one that is not whole yet is the last`() {
        var it = RequestProgress(now: at(0))
        for _ in 0..<2 {
            it.bytesArrived(now: at(0))
            it.headArrived(now: at(0))
            it.requestComplete()
        }
        it.bytesArrived(now: at(0))
        it.headArrived(now: at(0))
        #expect((it.unanswered, it.inHand) == (3, 2))
        it.answerBegan()
        #expect(!it.isLast)
        it.answerEnded(now: at(1))
        it.answerBegan()
        it.answerEnded(now: at(2))
        #expect((it.unanswered, it.inHand) == (1, 0))
        #expect(it.deadline(limits) == at(12))
    }
}
