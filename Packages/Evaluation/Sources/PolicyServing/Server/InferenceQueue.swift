import RobotInterface
import Foundation
import Synchronization
import TensorCore

/// A policy with one bounded queue, on its own thread.
///
/// Requests that wait at the same time go to the policy as one batch. The network's threads never compute.
final class InferenceQueue: Sendable {
    /// A request of one connection.
    struct Request: Sendable {
        /// Reads the message; on the policy's thread, as it may hold images.
        var prepare: @Sendable () throws -> Prepared
        /// The session's own; handed back with the answer.
        var generator: PhiloxGenerator
        var complete: @Sendable (Answer) -> Void
    }

    /// A message that was read.
    struct Prepared: Sendable {
        var observation: Observation
        /// What the client wants drawn from in place of the session's generator; `nil` for that one.
        var clientGenerator: PhiloxGenerator?

        init(_ observation: Observation, drawingFrom clientGenerator: PhiloxGenerator? = nil) {
            (self.observation, self.clientGenerator) = (observation, clientGenerator)
        }
    }

    struct Answer: Sendable {
        var result: Result<ActionChunk, any Error>
        var generator: PhiloxGenerator
        /// The client's own generator after its draws; `nil` where the session's was used.
        var clientGenerator: PhiloxGenerator?
        /// Seconds that the policy took; 0 if it was not asked.
        var inferenceTime: Double
        /// Observations that were computed together.
        var batchSize: Int
    }

    private struct State {
        var waiting: [(id: UInt64, request: Request)] = []
        var nextID: UInt64 = 0
        var isComputing = false
        var isStopped = false
    }

    private let policy: any Policy
    private let capacity: Int
    private let batchLimit: Int
    private let batchWait: Duration
    private let state = Mutex(State())
    private let signal = DispatchSemaphore(value: 0)

    init(_ policy: any Policy, capacity: Int, batchLimit: Int, batchWait: Duration) {
        (self.policy, self.capacity) = (policy, capacity)
        (self.batchLimit, self.batchWait) = (max(1, batchLimit), batchWait)
        let thread = Thread { [self] in work() }
        thread.name = "policy"
        thread.stackSize = 8 << 20
        thread.start()
    }

    /// Takes a request; `nil` when the queue is full or stopped, and then `complete` is not called.
    func submit(_ request: Request) -> UInt64? {
        let id = state.withLock { state -> UInt64? in
            guard !state.isStopped, state.waiting.count < capacity else { return nil }
            state.nextID += 1
            state.waiting.append((state.nextID, request))
            return state.nextID
        }
        if id != nil { signal.signal() }
        return id
    }

    /// Takes a request back; `false` when it is being computed or is finished.
    func withdraw(_ id: UInt64) -> Bool {
        state.withLock { state in
            guard let index = state.waiting.firstIndex(where: { $0.id == id }) else { return false }
            state.waiting.remove(at: index)
            return true
        }
    }

    /// Requests that wait or are being computed.
    var depth: Int { state.withLock { $0.waiting.count + ($0.isComputing ? 1 : 0) } }

    /// Ends the thread after what is running.
    func stop() {
        state.withLock { state in
            state.isStopped = true
            state.waiting = []
        }
        signal.signal()
    }

    private func work() {
        while true {
            signal.wait()
            if batchLimit > 1 { waitForBatch() }
            let batch = state.withLock { state -> [Request]? in
                if state.isStopped { return nil }
                let batch = state.waiting.prefix(batchLimit).map(\.request)
                state.waiting.removeFirst(batch.count)
                state.isComputing = !batch.isEmpty
                return batch
            }
            guard let batch else { return }
            // one signal came for each request; a batch leaves some over
            guard !batch.isEmpty else { continue }
            compute(batch)
            state.withLock { $0.isComputing = false }
        }
    }

    /// Waits until a batch is full or the time is over.
    private func waitForBatch() {
        let deadline = DispatchTime.now() + batchWait.seconds
        while state.withLock({ !$0.isStopped && 1..<batchLimit ~= $0.waiting.count }) {
            guard signal.wait(timeout: deadline) == .success else { return }
        }
    }

    private func compute(_ batch: [Request]) {
        var observations: [Prepared] = []
        var requests: [Request] = []
        for request in batch {
            do {
                observations.append(try request.prepare())
                requests.append(request)
            } catch {
                request.complete(
                    Answer(result: .failure(error), generator: request.generator, inferenceTime: 0, batchSize: 0))
            }
        }
        guard !requests.isEmpty else { return }
        do {
            try infer(requests, observations)
        } catch  where requests.count > 1 {
            // one observation that does not fit must not fail the others
            for (request, observation) in zip(requests, observations) {
                do { try infer([request], [observation]) } catch { fail(request, error) }
            }
        } catch {
            fail(requests[0], error)
        }
    }

    private func infer(_ requests: [Request], _ prepared: [Prepared]) throws {
        var generators = zip(requests, prepared).map { $1.clientGenerator ?? $0.generator }
        let start = ContinuousClock.now
        let chunks = try policy.actionChunks(for: prepared.map(\.observation), using: &generators)
        let seconds = (ContinuousClock.now - start).seconds
        for (index, request) in requests.enumerated() {
            let isClients = prepared[index].clientGenerator != nil
            request.complete(
                Answer(
                    result: .success(chunks[index]), generator: isClients ? request.generator : generators[index],
                    clientGenerator: isClients ? generators[index] : nil, inferenceTime: seconds,
                    batchSize: requests.count))
        }
    }

    private func fail(_ request: Request, _ error: any Error) {
        request.complete(
            Answer(result: .failure(error), generator: request.generator, inferenceTime: 0, batchSize: 1))
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
