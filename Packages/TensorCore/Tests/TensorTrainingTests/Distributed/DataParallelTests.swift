import Foundation
import TensorCore
import TensorNN
import TensorTraining
import Testing

@Suite struct DataParallelTests {
    /// A model with a large and several small parameters, one of which only some shards have a gradient for.
    static let model = TensorBag([
        "large": .zeros([70_001]), "small": .zeros([3, 5]), "sometimes": .zeros([4]), "never": .zeros([2]),
    ])

    /// Values and gradients that depend on the shard alone; sums of them depend on their order.
    static func output(ofShard shard: Int) -> (values: [Float], gradients: Gradients) {
        var generator = TorchGenerator(seed: UInt64(shard))
        var gradients = Gradients()
        gradients["large"] = Tensor(generator.normals(70_001), [70_001])
        gradients["small"] = Tensor(generator.normals(15), [3, 5])
        if shard % 3 == 1 { gradients["sometimes"] = Tensor(generator.normals(4), [4]) }
        return (generator.uniforms(2), gradients)
    }

    @Test(arguments: [(2, 2), (4, 2), (4, 4), (6, 3)])
    func processesGiveTheBitsOfOneProcess(shardCount: Int, processCount: Int) throws {
        let parallel = DataParallel(shardCount: shardCount)
        var single = SingleProcess()
        let expected = try parallel.average(of: Self.model, over: &single) { Self.output(ofShard: $1) }
        #expect(Set(expected.gradients.names) == ["large", "small", "sometimes"])

        let results = try ThreadCollective.run(processCount) { collective in
            try parallel.average(of: Self.model, over: &collective) { Self.output(ofShard: $1) }
        }
        for result in results {
            #expect(result.values.map(\.bitPattern) == expected.values.map(\.bitPattern))
            #expect(Set(result.gradients.names) == Set(expected.gradients.names))
            for name in expected.gradients.names {
                #expect(result.gradients[name]?.elements() == expected.gradients[name]?.elements(), "\(name)")
            }
        }
    }

    @Test func ranksStartWithTheWeightsOfRankZero() throws {
        let weights = try ThreadCollective.run(3) { collective in
            var model = TensorBag(["a": .full([4], Float(collective.rank + 5))])
            try DataParallel.synchronize(&model, over: &collective)
            return model["a"].elements()
        }
        #expect(weights == [[Float]](repeating: [5, 5, 5, 5], count: 3))
    }

    /// The weights after two epochs on four shards.
    static func trained<C: Collective>(over collective: inout C) throws -> [Float] {
        var loop = TrainingLoop(epochCount: 2, microBatchesPerEpoch: 3, schedule: .constant(0.1))
        (loop.shardCount, loop.accumulationCount, loop.timePerProgressLine) = (4, 2, nil)
        var (model, optimizer, none) = (TensorBag(["a": Tensor([1, 2, 3])]), AdamW(), false)
        try loop.run(&model, &optimizer, context: &none, over: &collective) { model, place, _ in
            var generator = TorchGenerator(seed: UInt64(100 * place.step + 10 * place.microBatch + place.shard))
            var gradients = Gradients()
            gradients["a"] = Tensor(generator.normals(3))
            return TrainingLoop.Output(loss: 1, gradients: gradients)
        }
        return model["a"].elements()
    }

    @Test func loopOverProcessesGivesTheWeightsOfOneProcess() throws {
        var single = SingleProcess()
        let expected = try Self.trained(over: &single)
        #expect(try ThreadCollective.run(2) { try Self.trained(over: &$0) } == [expected, expected])
    }

    /// On paper: shards 0 and 1 with gradients 1 and 3 average to 2; one that only shard 1 has counts half.
    @Test func averageCountsMissingGradientsAsZero() throws {
        let model = TensorBag(["a": .zeros([1]), "b": .zeros([1])])
        var single = SingleProcess()
        let (values, gradients) = try DataParallel(shardCount: 2).average(of: model, over: &single) { _, shard in
            var gradients = Gradients()
            gradients["a"] = Tensor([shard == 0 ? 1 : 3])
            if shard == 1 { gradients["b"] = Tensor([5]) }
            return ([Float(shard)], gradients)
        }
        #expect(values == [0.5])
        #expect(gradients["a"]?.scalar == 2 && gradients["b"]?.scalar == 2.5)
    }
}
