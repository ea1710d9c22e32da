import Evaluation
import Synchronization
import Testing

@testable import struct Evaluation.JobQueue

@Suite struct WorkerPoolTests {
    struct Failure: Error {}

    @Test(arguments: [1, 2, 5])
    func everyJobIsDoneOnce(workerCount: Int) throws {
        let pool = WorkerPool<Int, Int>(workerCount: workerCount, affinity: { $0 / 10 }) { _ in { $0 * $0 } }
        let results = Results()
        try pool.run([Array(0..<25), Array(25..<50)]) { results.add($0) }
        #expect(results.sorted == (0..<50).map { $0 * $0 })
    }

    @Test func stopLetsRunningJobsFinish() throws {
        let pool = WorkerPool<Int, Int>(workerCount: 2) { _ in { $0 } }
        let results = Results()
        try pool.run([Array(0..<1000)]) { results.add($0) && results.count < 5 }
        #expect((5...6).contains(results.count))
    }

    @Test func theFirstErrorIsThrownAndResultsAreKept() {
        let pool = WorkerPool<Int, Int>(workerCount: 2) { _ in { if $0 == 7 { throw Failure() } else { $0 } } }
        let results = Results()
        #expect(throws: Failure.self) { try pool.run([Array(0..<100)]) { results.add($0) } }
        #expect(results.count >= 6 && !results.sorted.contains(7))
    }

    @Test func aWorkerThatCannotBeMadeEndsTheRun() {
        let pool = WorkerPool<Int, Int>(workerCount: 1) { _ in throw Failure() }
        #expect(throws: Failure.self) { try pool.run([[1]]) { _ in true } }
    }

    /// Worker 0 keeps to key 0; worker 1 takes the other key, then helps.
    @Test func workersKeepToTheirKey() {
        var queue = JobQueue(rounds: [[0, 1, 2, 10, 11], [20]]) { $0 / 10 }
        #expect([0, 1, 0, 1, 1, 1].map { queue.next(for: $0) } == [0, 10, 1, 11, 2, 20])
        #expect(queue.isEmpty && queue.next(for: 0) == nil)
    }

    final class Results: Sendable {
        private let values = Mutex<[Int]>([])
        func add(_ value: Int) -> Bool {
            values.withLock { $0.append(value) }
            return true
        }
        var count: Int { values.withLock { $0.count } }
        var sorted: [Int] { values.withLock { $0.sorted() } }
    }
}
