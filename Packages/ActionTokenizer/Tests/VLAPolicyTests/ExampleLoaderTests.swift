import Foundation
import ImageProcessing
import RobotInterface
import Synchronization
import TensorCore
import Testing

@testable import VLAPolicy

/// Batches depend on their place alone: on no budget, no thread, nothing that was read before.
@Suite struct ExampleLoaderTests {
    /// All numbers of a batch.
    private static func numbers(_ batch: PolicyBatch) -> [[Float]] {
        batch.inputs.images.map { $0.elements() } + [batch.targets.elements(), batch.events.elements(), batch.weights]
            + [batch.inputs.state!.elements(), batch.validCounts.map(Float.init)]
            + batch.inputs.promptIDs.map { $0.map(Float.init) }
    }

    private static var settings: PolicyTrainingSettings {
        var settings = PolicyTrainingSettings()
        (settings.batchSize, settings.shardCount, settings.accumulationCount) = (12, 2, 2)
        return settings
    }

    /// Places of two epochs, as one process takes them.
    private static func places(_ order: ExampleOrder) -> [ExampleOrder.Place] {
        (0..<4 * order.microBatchesPerEpoch).map { order.place($0, rank: 0, processCount: 1) }
    }

    @Test func batchesDependOnTheirPlaceAlone() throws {
        let assembly = try SmallWorld.assembly(SmallWorld.recipe())
        func batches(memory: Int, threads: Int, limit: Int?) throws -> [[[Float]]] {
            let data = SmallWorld.prepared(assembly.trainingExamples, assembly, imageMemory: memory)
            let order = ExampleOrder(exampleCount: data.count, settings: Self.settings)
            let loader = ExampleLoader(
                data, order: order, variation: .init(jitter: Self.settings.jitter), threadCount: threads,
                batchLimit: limit)
            defer { loader.cancel() }
            let result = try Self.places(order).map { Self.numbers(try loader.batch(at: $0)) }
            #expect(data.keptImageByteCount <= memory)
            return result
        }
        let reference = try batches(memory: .max, threads: 0, limit: nil)
        #expect(reference.count > 8 && Set(reference).count == reference.count)
        let image = 2 * 16 * 16 * 3
        for (memory, threads, limit) in [(0, 1, nil), (10 * image, 3, 2), (.max, 2, nil)] as [(Int, Int, Int?)] {
            #expect(try batches(memory: memory, threads: threads, limit: limit) == reference)
        }
    }

    /// Two processes together take the places of one, each in an order of its own; going elsewhere is allowed.
    @Test func processesShareTheShards() throws {
        let assembly = try SmallWorld.assembly(SmallWorld.recipe())
        let data = SmallWorld.prepared(assembly.trainingExamples, assembly)
        let order = ExampleOrder(exampleCount: data.count, settings: Self.settings)
        let count = 2 * order.microBatchesPerEpoch
        let all = Set((0..<2 * count).map { order.place($0, rank: 0, processCount: 1) })
        let shared = (0..<2).map { rank in (0..<count).map { order.place($0, rank: rank, processCount: 2) } }
        #expect(all.count == 2 * count && Set(shared[0] + shared[1]) == all)
        for (number, place) in shared[1].enumerated() {
            #expect(order.number(of: place, processCount: 2) == number)
        }
        let loader = ExampleLoader(data, order: order, rank: 1, processCount: 2, threadCount: 2)
        defer { loader.cancel() }
        let whole = ExampleLoader(data, order: order, threadCount: 0)
        for place in [shared[1][0], shared[1][1], shared[1][5], shared[1][2], shared[1][3]] {
            #expect(try Self.numbers(loader.batch(at: place)) == Self.numbers(whole.batch(at: place)))
        }
    }

    private struct Unreadable: Error {}

    /// Demonstrations some of whose images cannot be read.
    private static func damaged(_ assembly: PolicyAssembly, skips: Bool) -> PreparedDataset {
        let examples = PolicyExamples(count: assembly.trainingExamples.count) { index in
            var example = try assembly.trainingExamples[index]
            guard [3, 4, 7].contains(index) else { return example }
            example.observation.cameras[.wrist] = CameraFrame(SmallWorld.description) { throw Unreadable() }
            return example
        }
        return PreparedDataset(
            examples, observationPipeline: assembly.observationPipeline, actionPipeline: assembly.actionPipeline,
            tokenizer: assembly.tokenizer, imageMemory: .max, skipsDamaged: skips)
    }

    @Test func damageIsToldAtItsPlaceOrAnotherExampleStandsIn() throws {
        let assembly = try SmallWorld.assembly(SmallWorld.recipe { $0.training.jitter = nil })
        let generator = PhiloxGenerator(seed: 1)
        let failing = Self.damaged(assembly, skips: false)
        #expect(throws: Unreadable.self) { try failing.batch([0, 3], using: generator) }
        #expect(throws: Unreadable.self) { try failing.prepareAll() }
        let loader = ExampleLoader(
            failing, order: ExampleOrder(exampleCount: failing.count, settings: Self.settings), threadCount: 2)
        defer { loader.cancel() }
        #expect(throws: Unreadable.self) { for place in Self.places(loader.order) { _ = try loader.batch(at: place) } }

        let skipping = Self.damaged(assembly, skips: true)
        let whole = SmallWorld.prepared(assembly.trainingExamples, assembly)
        let batch = try skipping.batch([2, 3, 4, 7], using: generator)
        #expect(try Self.numbers(batch) == Self.numbers(whole.batch([2, 5, 5, 8], using: generator)))
        #expect(Set(skipping.damaged.keys) == [3, 4, 7])
        // the same whatever was read before
        let again = Self.damaged(assembly, skips: true)
        try again.prepareAll()
        #expect(try Self.numbers(again.batch([2, 3, 4, 7], using: generator)) == Self.numbers(batch))
    }

    /// What cannot be read at all is an error, not an endless search.
    @Test func nothingToReadIsAnError() throws {
        let assembly = try SmallWorld.assembly(SmallWorld.recipe())
        let data = PreparedDataset(
            PolicyExamples(count: 5) { _ in throw Unreadable() }, observationPipeline: assembly.observationPipeline,
            actionPipeline: assembly.actionPipeline, tokenizer: assembly.tokenizer, skipsDamaged: true)
        #expect(throws: DamagedExamplesError.self) { try data.batch([0], using: PhiloxGenerator(seed: 0)) }
    }

    /// Each image is read once while it fits, and once a pass where it does not.
    @Test func imagesAreKeptWithinTheBudget() throws {
        let assembly = try SmallWorld.assembly(SmallWorld.recipe())
        let reads = Counter()
        let examples = PolicyExamples(count: 20) { index in
            var example = try assembly.trainingExamples[index]
            let frame = example.observation.cameras[.wrist]!
            example.observation.cameras[.wrist] = CameraFrame(frame.description) {
                reads.add()
                return try frame.image()
            }
            return example
        }
        for (memory, expected) in [(Int.max, 20), (15 * 2 * 16 * 16 * 3, 30), (0, 60)] {
            let data = SmallWorld.prepared(examples, assembly, imageMemory: memory)
            let before = reads.count
            for _ in 0..<3 { try data.prepareAll() }
            #expect(reads.count - before == expected)
        }
    }

    private final class Counter: Sendable {
        private let value = Mutex(0)
        var count: Int { value.withLock { $0 } }
        func add() { value.withLock { $0 += 1 } }
    }
}
