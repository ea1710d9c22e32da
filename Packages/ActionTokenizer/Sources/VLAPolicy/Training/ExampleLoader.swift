import Foundation
import TensorCore

/// The batches of a training in its order, made by threads of their own ahead of the step that takes them.
///
/// A batch is a function of its place: neither the number of threads nor the budget of images changes a bit of it. An error
/// reaches the reader at the place it belongs to.
///
/// `@unchecked Sendable`: all state that changes is behind the condition.
public final class ExampleLoader: @unchecked Sendable {
    /// How images are varied.
    public struct Variation: Sendable {
        public var augmentation: ObservationAugmentation?
        public var jitter: ImageJitter?

        public init(augmentation: ObservationAugmentation? = nil, jitter: ImageJitter? = nil) {
            (self.augmentation, self.jitter) = (augmentation, jitter)
        }
    }

    public let data: PreparedDataset
    public let order: ExampleOrder
    public let variation: Variation
    private let (rank, processCount): (Int, Int)
    private let threadCount: Int
    /// Batches that are ready or being made, at most.
    private let capacity: Int
    private let condition = NSCondition()

    // behind the condition
    private var isStarted = false
    private var isCancelled = false
    /// The next batch that is handed out, and the next that a thread makes.
    private var next = 0
    private var taken = 0
    private var results: [Int: Result<PolicyBatch, any Error>] = [:]
    private var orders: [OrderKey: [Int]] = [:]
    private var waited = Duration.zero

    private struct OrderKey: Hashable { var epoch, shard: Int }

    /// - Parameters:
    ///   - data: The examples.
    ///   - order: Which of them each place takes.
    ///   - variation: How their images are varied.
    ///   - rank: This process among those that share the shards.
    ///   - processCount: How many share them.
    ///   - threadCount: Threads that make batches; 0 to make each when it is asked for.
    ///   - batchLimit: Batches ahead, those that are being made included; twice the threads by default.
    public init(
        _ data: PreparedDataset, order: ExampleOrder, variation: Variation = Variation(), rank: Int = 0,
        processCount: Int = 1, threadCount: Int = 1, batchLimit: Int? = nil
    ) {
        precondition(
            order.exampleCount == data.count && order.shardCount.isMultiple(of: processCount)
                && 0..<processCount ~= rank && threadCount >= 0,
            "ExampleLoader: \(data.count) examples, order of \(order.exampleCount) in \(order.shardCount) shards, "
                + "process \(rank) of \(processCount), \(threadCount) threads")
        (self.data, self.order, self.variation) = (data, order, variation)
        (self.rank, self.processCount) = (rank, processCount)
        capacity = max(1, batchLimit ?? 2 * threadCount)
        self.threadCount = min(threadCount, capacity)
    }

    deinit { cancel() }

    /// The batch of a place; at its best when places are asked for in their order.
    ///
    /// - Throws: What reading or preparing its examples throws.
    public func batch(at place: ExampleOrder.Place) throws -> PolicyBatch {
        guard threadCount > 0 else { return try make(place, onAllThreads: true) }
        let number = order.number(of: place, processCount: processCount)
        condition.lock()
        defer { condition.unlock() }
        if !isStarted || number != next {
            // another place than the one that follows: what was made ahead is not wanted
            (next, taken, results) = (number, number, [:])
            startThreads()
        }
        let began = ContinuousClock.now
        while results[number] == nil, !isCancelled { condition.wait() }
        waited += ContinuousClock.now - began
        guard let result = results.removeValue(forKey: number) else { throw CancellationError() }
        next = number + 1
        condition.broadcast()
        return try result.get()
    }

    /// Time the reader waited for batches so far.
    public var waitTime: Duration { condition.withLock { waited } }

    /// Ends the threads after the batches they are at.
    public func cancel() {
        condition.withLock {
            isCancelled = true
            condition.broadcast()
        }
    }

    // MARK: - Threads

    private func startThreads() {
        guard !isStarted else { return condition.broadcast() }
        isStarted = true
        for index in 0..<threadCount {
            let thread = Thread { [weak self] in
                // no strong reference while it waits: a loader that is let go ends its threads
                while let number = Self.takeNumber(of: { self }) {
                    guard number >= 0 else { continue }
                    self?.finish(number)
                }
            }
            thread.name = "ExampleLoader \(index)"
            thread.stackSize = 8 << 20
            thread.start()
        }
    }

    /// The next batch to make; negative when there is no room for a while, nil when the loader has ended.
    private static func takeNumber(of loader: () -> ExampleLoader?) -> Int? {
        guard let loader = loader() else { return nil }
        let condition = loader.condition
        condition.lock()
        defer { condition.unlock() }
        guard !loader.isCancelled else { return nil }
        if loader.taken - loader.next < loader.capacity {
            loader.taken += 1
            return loader.taken - 1
        }
        _ = condition.wait(until: Date(timeIntervalSinceNow: 0.2))
        return -1
    }

    private func finish(_ number: Int) {
        let place = order.place(number, rank: rank, processCount: processCount)
        let result = Result { try make(place, onAllThreads: false) }
        condition.withLock {
            // one that was begun before the reader went elsewhere is not wanted
            guard number >= next, number < taken, results[number] == nil else { return }
            results[number] = result
            condition.broadcast()
        }
    }

    private func make(_ place: ExampleOrder.Place, onAllThreads: Bool) throws -> PolicyBatch {
        try data.batch(
            order.examples(at: place, of: examples(place)), variation.augmentation, variation.jitter,
            order.generator(at: place), onAllThreads: onAllThreads)
    }

    /// The order of a shard's epoch; that of the epoch before is kept for threads that are behind.
    private func examples(_ place: ExampleOrder.Place) -> [Int] {
        let key = OrderKey(epoch: place.epoch, shard: place.shard)
        if let found = condition.withLock({ orders[key] }) { return found }
        let made = order.examples(epoch: place.epoch, shard: place.shard)
        condition.withLock {
            orders = orders.filter { abs($0.key.epoch - place.epoch) <= 1 }
            orders[key] = made
        }
        return made
    }
}
