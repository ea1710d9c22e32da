import Foundation

/// Prepares samples on threads of its own, ahead of who needs them, and hands them out in order.
///
/// The order does not depend on the number of threads. At most `capacity` samples wait, or are being made: memory is
/// bounded by that. An error reaches the reader at its sample's place, or the sample is left out and noted, as told.
///
/// `@unchecked Sendable`: all state is behind the condition.
public final class SampleLoader<Output: Sendable>: @unchecked Sendable {
    /// What happens when a sample cannot be read.
    public enum DamagePolicy: Sendable {
        /// ``next()`` throws.
        case fails
        /// The next sample of the order takes its place; ``skipped`` lists it.
        case skips
    }

    public let order: SampleOrder
    private let prepare: @Sendable (DemonstrationSample) throws -> Output
    private let policy: DamagePolicy
    private let capacity: Int
    private let condition = NSCondition()

    // behind the condition
    private var epoch: Int
    private var samples: [Int]
    /// The next sample that a thread takes, and the next that is handed out, counted from the epoch's start.
    private var taken: Int
    private var handedOut: Int
    private var results: [Int: Result<Output, any Error>] = [:]
    private var isCancelled = false
    private var skippedErrors: [LiberoDataError] = []
    private var waited = Duration.zero
    private var deliveredCount = 0
    private let start = ContinuousClock.now

    /// Starts preparing.
    ///
    /// - Parameters:
    ///   - order: The samples, one after another.
    ///   - position: Where to go on; the beginning by default.
    ///   - threadCount: Threads that prepare.
    ///   - byteBudget: What prepared samples may take in memory.
    ///   - bytesPerSample: What one of them takes, for the budget.
    ///   - policy: What happens with a sample that is damaged.
    ///   - prepare: Makes of a sample what the reader needs, such as its decoded and resized images.
    public init(
        _ order: SampleOrder, from position: SampleOrder.Position = .init(), threadCount: Int = 2,
        byteBudget: Int = 256 << 20, bytesPerSample: Int = 4 << 20, onDamage policy: DamagePolicy = .fails,
        prepare: @escaping @Sendable (DemonstrationSample) throws -> Output
    ) {
        precondition(threadCount > 0 && bytesPerSample > 0, "SampleLoader: \(threadCount) threads")
        (self.order, self.prepare, self.policy) = (order, prepare, policy)
        capacity = max(1, byteBudget / bytesPerSample)
        epoch = position.epoch
        samples = order.samples(epoch: position.epoch)
        taken = min(position.sample, samples.count)
        handedOut = taken
        for index in 0..<min(threadCount, capacity) {
            let thread = Thread { [weak self] in
                // no strong reference between two samples: a loader that is let go ends its threads
                while let work = self?.takeWork() { self?.finish(work) }
            }
            thread.name = "SampleLoader \(index)"
            thread.stackSize = 4 << 20
            thread.start()
        }
    }

    deinit {
        condition.withLock {
            isCancelled = true
            condition.broadcast()
        }
    }

    /// The next sample; nil at the end of the epoch, after which ``beginEpoch(_:)`` goes on.
    ///
    /// - Throws: What reading or preparing it threw, when the policy is to fail; the position stays at it.
    public func next() throws -> Output? {
        condition.lock()
        defer { condition.unlock() }
        let began = ContinuousClock.now
        defer { waited += ContinuousClock.now - began }
        while true {
            guard handedOut < samples.count, !isCancelled else { return nil }
            guard let result = results[handedOut] else {
                condition.wait()
                continue
            }
            switch result {
            case .success(let output):
                deliveredCount += 1
                advance()
                return output
            case .failure(let error as LiberoDataError) where policy == .skips:
                skippedErrors.append(error)
                advance()
            case .failure(let error): throw error
            }
        }
    }

    /// Up to `count` samples; fewer at the end of the epoch, none behind it.
    public func next(_ count: Int) throws -> [Output] {
        var batch: [Output] = []
        while batch.count < count, let output = try next() { batch.append(output) }
        return batch
    }

    /// Goes on with the beginning of an epoch.
    public func beginEpoch(_ epoch: Int) {
        let order = order.samples(epoch: epoch)
        condition.withLock {
            (self.epoch, samples, taken, handedOut) = (epoch, order, 0, 0)
            results = [:]
            condition.broadcast()
        }
    }

    /// Where the next sample is: what to save, and to begin from after an interruption.
    public var position: SampleOrder.Position { condition.withLock { .init(epoch: epoch, sample: handedOut) } }

    /// What was left out, in order.
    public var skipped: [LiberoDataError] { condition.withLock { skippedErrors } }

    /// The share of the time so far in which the reader waited for a sample.
    public var waitShare: Double {
        let total = ContinuousClock.now - start
        return condition.withLock { waited / total }
    }

    /// Samples handed out per second so far.
    public var samplesPerSecond: Double {
        let total = ContinuousClock.now - start
        return condition.withLock { Double(deliveredCount) } / max(total / .seconds(1), 1e-9)
    }

    /// Ends the threads after the samples they are at; ``next()`` then returns nil.
    public func cancel() {
        condition.withLock {
            isCancelled = true
            condition.broadcast()
        }
    }

    // MARK: - Threads

    private struct Work {
        var epoch: Int
        var place: Int
        var sample: Int
    }

    private func advance() {
        results[handedOut] = nil
        handedOut += 1
        condition.broadcast()
    }

    /// Waits until there is room; nil when cancelled. Returns at times without work, so that the loader can be let go.
    private func takeWork() -> Work? {
        condition.lock()
        defer { condition.unlock() }
        while !isCancelled {
            if taken < samples.count, taken - handedOut < capacity {
                defer { taken += 1 }
                return Work(epoch: epoch, place: taken, sample: samples[taken])
            }
            if !condition.wait(until: Date(timeIntervalSinceNow: 0.2)) {
                return Work(epoch: -1, place: 0, sample: 0)
            }
        }
        return nil
    }

    private func finish(_ work: Work) {
        guard work.epoch >= 0 else { return }
        let result = Result { try prepare(order.sampler.sample(work.sample)) }
        condition.withLock {
            // one that was begun before the epoch changed is not wanted any more
            guard work.epoch == epoch, work.place >= handedOut, work.place < taken else { return }
            results[work.place] = result
            condition.broadcast()
        }
    }
}
