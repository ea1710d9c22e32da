import FileSupport
import RobotInterface
import Evaluation
import Foundation
import Logging
import NIOCore
import NIOPosix
import TensorCore
import VLAPolicy

/// What all connections of a server share.
final class PolicyServerContext: Sendable {
    let configuration: PolicyServerConfiguration
    let requirements: PolicyRequirements
    let adapter: ObservationAdapter
    let queue: InferenceQueue
    let statistics = ServerStatistics()
    /// Where messages with compressed images are read.
    let decodingThreads = NIOThreadPool(numberOfThreads: 2)
    let logger: Logger

    init(_ policy: any Policy, _ configuration: PolicyServerConfiguration, _ logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        requirements = policy.requirements
        adapter = ObservationAdapter(
            policy.requirements, orientation: configuration.orientation, resizesImages: configuration.resizesImages,
            defaultInstruction: configuration.defaultInstruction)
        queue = InferenceQueue(
            policy, capacity: configuration.limits.queueLength, batchLimit: configuration.batchLimit,
            batchWait: configuration.batchWait)
        decodingThreads.start()
    }

    /// Asks the policy; `complete` is called on the event loop.
    func infer(
        on eventLoop: any EventLoop, using generator: PhiloxGenerator,
        prepare: @escaping @Sendable () throws -> InferenceQueue.Prepared,
        complete: @escaping @Sendable (InferenceQueue.Answer) -> Void
    ) {
        statistics.countRequest()
        @Sendable func refuse() {
            let error = WireError(.busy, "the policy is computing for others; \(queue.depth) requests wait")
            complete(
                InferenceQueue.Answer(result: .failure(error), generator: generator, inferenceTime: 0, batchSize: 0))
        }
        let answered = NIOLoopBoundBox(false, eventLoop: eventLoop)
        let clipped = configuration.clipsActions ? requirements.actionSpace.limit : nil
        let id = queue.submit(
            InferenceQueue.Request(prepare: prepare, generator: generator) { [statistics] answer in
                var answer = answer
                answer.result = answer.result.flatMap { chunk in
                    Result { try Self.checked(chunk, clippedTo: clipped) }
                }
                if case .success = answer.result { statistics.countInference(seconds: answer.inferenceTime) }
                let checked = answer
                eventLoop.execute {
                    answered.value = true
                    complete(checked)
                }
            })
        guard let id else { return refuse() }
        eventLoop.scheduleTask(in: TimeAmount(configuration.limits.queueWait)) { [queue] in
            if !answered.value, queue.withdraw(id) { refuse() }
        }
    }

    /// Actions leave the server only if all numbers are finite.
    private static func checked(_ chunk: ActionChunk, clippedTo limit: Double?) throws -> ActionChunk {
        guard chunk.values.allSatisfy(\.isFinite) else {
            throw WireError(.execution, "the policy's actions hold a number that is not finite")
        }
        guard let limit else { return chunk }
        return ActionChunk(
            values: chunk.values.map { min(max($0, -limit), limit) }, dimensionCount: chunk.dimensionCount)
    }

    /// The error as it is sent: without names of files.
    func wireError(_ error: any Error) -> WireError {
        let result: WireError
        switch error {
        case let error as WireError: result = error
        case let error as VLAEvalDecodingError: result = error.error
        case let error as ObservationError: result = WireError(.execution, error.description)
        case let error as PipelineError: result = WireError(.execution, error.description)
        default:
            logger.error("policy failed", metadata: ["error": "\(error)"])
            result = WireError(.execution, "the policy failed; the server's log says why")
        }
        statistics.countError(result.category.rawValue)
        return result
    }

    /// What clients can know of the policy, so that theirs and its inputs can be compared before the first request.
    var description: WireMap {
        let encoder = JSONEncoder.sorted()
        let requirements = (try? encoder.encode(requirements)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
        return WireMap([
            (.text("requirements"), .text(requirements)),
            (.text("image_orientation"), .text(configuration.orientation.rawValue)),
            (.text("resizes_images"), .bool(configuration.resizesImages)),
            (.text("clips_actions"), .bool(configuration.clipsActions)),
            (
                .text("provenance"),
                .map(
                    WireMap(
                        configuration.provenance.sorted { $0.key < $1.key }.map { (.text($0.key), .text($0.value)) }))
            ),
        ])
    }
}
