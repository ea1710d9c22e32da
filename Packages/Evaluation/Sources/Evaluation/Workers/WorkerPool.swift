import Foundation
import Synchronization

/// Runs jobs on several workers; each lives on a thread of its own, made and used there alone.
///
/// Results come in the order in which they are ready; each job's result must not depend on who runs it.
public struct WorkerPool<Job: Sendable, Result: Sendable>: Sendable {
    /// Carries out one job after another.
    public typealias Worker = (Job) throws -> Result

    public var workerCount: Int
    /// Makes worker i, on its thread.
    public var makeWorker: @Sendable (Int) throws -> Worker
    /// A worker keeps to jobs of one key as long as there are some: what it has prepared for them stays of use.
    public var affinity: @Sendable (Job) -> Int

    public init(
        workerCount: Int, affinity: @escaping @Sendable (Job) -> Int = { _ in 0 },
        makeWorker: @escaping @Sendable (Int) throws -> Worker
    ) {
        precondition(workerCount > 0, "WorkerPool: \(workerCount) workers")
        self.workerCount = workerCount
        self.makeWorker = makeWorker
        self.affinity = affinity
    }

    /// Carries out the jobs, round after round; `receive` gets each result, one at a time, and says whether to go on.
    ///
    /// After a stop or an error no new job is begun and those that run are finished and received.
    /// - Throws: The first error of a worker or of `receive`.
    public func run(_ rounds: [[Job]], receive: @escaping @Sendable (Result) throws -> Bool) throws {
        let state = SharedState(JobQueue(rounds: rounds, affinity: affinity), receive: receive)
        let count = min(workerCount, max(rounds.reduce(0) { $0 + $1.count }, 1))
        let group = DispatchGroup()
        for index in 0..<count {
            group.enter()
            let thread = Thread { [makeWorker] in
                defer { group.leave() }
                do {
                    guard state.hasJobs else { return }
                    let worker = try makeWorker(index)
                    while let job = state.next(for: index) {
                        try state.deliver(worker(job))
                    }
                } catch {
                    state.fail(error)
                }
            }
            thread.name = "worker \(index)"
            thread.stackSize = 16 << 20
            thread.start()
        }
        group.wait()
        // a thread may outlive its work by a moment, and must not keep what the caller lent
        state.forget()
        if let error = state.error { throw error }
    }

    /// What the threads share.
    private final class SharedState: Sendable {
        private struct Content {
            var queue: JobQueue<Job>
            var isStopped = false
            var error: (any Error)?
            var receive: (@Sendable (Result) throws -> Bool)?
        }
        private let content: Mutex<Content>
        /// One result is received at a time.
        private let delivery = Mutex(())

        init(_ queue: sending JobQueue<Job>, receive: @escaping @Sendable (Result) throws -> Bool) {
            content = Mutex(Content(queue: queue, receive: receive))
        }

        func forget() { content.withLock { $0.receive = nil } }

        var error: (any Error)? { content.withLock { $0.error } }
        var hasJobs: Bool { content.withLock { !$0.isStopped && !$0.queue.isEmpty } }

        func next(for worker: Int) -> Job? {
            content.withLock { $0.isStopped ? nil : $0.queue.next(for: worker) }
        }

        func deliver(_ result: Result) throws {
            let receive = content.withLock { $0.receive }
            let goesOn = try delivery.withLock { _ in try receive?(result) ?? false }
            if !goesOn { content.withLock { $0.isStopped = true } }
        }

        func fail(_ error: any Error) {
            content.withLock {
                $0.isStopped = true
                if $0.error == nil { $0.error = error }
            }
        }
    }
}

/// Jobs in rounds; within a round a worker keeps to the jobs of one key.
struct JobQueue<Job> {
    private var rounds: ArraySlice<[Job]>
    private let affinity: (Job) -> Int
    /// The current round by key, in the jobs' order.
    private var groups: [(key: Int, jobs: ArraySlice<Job>)] = []
    private var keyOfWorker: [Int: Int] = [:]

    init(rounds: [[Job]], affinity: @escaping (Job) -> Int) {
        self.rounds = rounds[...]
        self.affinity = affinity
    }

    var isEmpty: Bool { groups.isEmpty && rounds.allSatisfy(\.isEmpty) }

    /// The next job: of the worker's own key, else of one nobody is at, else of the one with most jobs left.
    mutating func next(for worker: Int) -> Job? {
        while groups.isEmpty {
            guard let round = rounds.popFirst() else { return nil }
            for job in round {
                let key = affinity(job)
                if let i = groups.firstIndex(where: { $0.key == key }) {
                    groups[i].jobs.append(job)
                } else {
                    groups.append((key, [job]))
                }
            }
        }
        let others = Set(keyOfWorker.filter { $0.key != worker }.values)
        let index =
            groups.firstIndex { $0.key == keyOfWorker[worker] }
            ?? groups.firstIndex { !others.contains($0.key) }
            ?? groups.indices.max { groups[$0].jobs.count < groups[$1].jobs.count }!
        keyOfWorker[worker] = groups[index].key
        let job = groups[index].jobs.removeFirst()
        if groups[index].jobs.isEmpty { groups.remove(at: index) }
        return job
    }
}
