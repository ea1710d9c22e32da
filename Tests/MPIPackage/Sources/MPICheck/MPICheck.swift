import TensorCore
import TensorNN
import TensorTraining

/// `MPICheck`: compares sums over MPI with sums computed here, trains a model on four shards, and prints a hash of its
/// weights. `MPICheck --time N`: the time of a sum of N values.
@main struct MPICheck {
    static func main() throws {
        let arguments = CommandLine.arguments
        try MPICollective.run { collective in
            if arguments.count == 3, arguments[1] == "--time", let count = Int(arguments[2]) {
                try time(count, &collective)
                return
            }
            for count in [0, 1, 2, 3, 7, 1000, collective.bucketSize - 1, collective.bucketSize + 5] {
                try checkSums(count, &collective)
            }
            try checkBroadcast(&collective)
            let hash = try train(&collective)
            if collective.rank == 0 { print("weights \(String(hash, radix: 16))") }
        }
    }

    struct Mismatch: Error, CustomStringConvertible {
        var description: String
    }

    /// The values of a rank, the same wherever they are computed.
    static func values(_ count: Int, ofRank rank: Int) -> [Float] {
        var generator = PhiloxGenerator(seed: 17, stream: UInt64(rank))
        return (0..<count).map { _ in Float.random(in: -1...1, using: &generator) }
    }

    /// Sums over the ranks have the bits of a loop over them.
    static func checkSums(_ count: Int, _ collective: inout MPICollective) throws {
        var expected = values(count, ofRank: 0)
        for rank in 1..<collective.size {
            for (index, value) in values(count, ofRank: rank).enumerated() { expected[index] += value }
        }
        let own = values(count, ofRank: collective.rank)
        var sum = own
        var span = sum.mutableSpan
        try collective.sum(&span)
        guard sum == expected else { throw Mismatch(description: "sum of \(count) values differs") }

        // on top of a total
        var total = expected
        for rank in 0..<collective.size {
            for (index, value) in values(count, ofRank: rank).enumerated() { total[index] += value }
        }
        var totalSpan = sum.mutableSpan
        try collective.add(own.span, to: &totalSpan)
        guard sum == total else { throw Mismatch(description: "addition to a total of \(count) values differs") }
    }

    static func checkBroadcast(_ collective: inout MPICollective) throws {
        let root = collective.size - 1
        var bytes: [UInt8] = collective.rank == root ? [1, 2, 3] : []
        try collective.broadcast(&bytes, from: root)
        var floats = values(1000, ofRank: collective.rank)
        var span = floats.mutableSpan
        try collective.broadcast(&span, from: root)
        guard bytes == [1, 2, 3], floats == values(1000, ofRank: root) else {
            throw Mismatch(description: "broadcast from rank \(root) differs")
        }
        try collective.barrier()
    }

    /// Five steps on four shards; a hash of the weights.
    static func train(_ collective: inout MPICollective) throws -> UInt64 {
        var generator = TorchGenerator(seed: 1)
        var model = Linear(300, 300, using: &generator)
        var optimizer = AdamW(learningRate: 0.01)
        var loop = TrainingLoop(epochCount: 1, microBatchesPerEpoch: 5, schedule: .constant(0.01))
        loop.shardCount = 4
        loop.clipNorm = 1
        loop.timePerProgressLine = nil
        var none = false
        try loop.run(&model, &optimizer, context: &none, over: &collective) { model, place, _ in
            var generator = TorchGenerator(seed: UInt64(place.step * 4 + place.shard))
            let inputs = Tensor(generator.normals(8 * 300), [8, 300])
            let (loss, gradients) = valueAndGradient(of: model) { model in
                let error = model(inputs) - inputs * 2
                return (error * error).mean()
            }
            return TrainingLoop.Output(loss: loss, gradients: gradients)
        }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for value in model.weight.value.elements() + (model.bias?.value.elements() ?? []) {
            hash = (hash ^ UInt64(value.bitPattern)) &* 0x100_0000_01b3
        }
        return hash
    }

    static func time(_ count: Int, _ collective: inout MPICollective) throws {
        var values = values(count, ofRank: collective.rank)
        var best = Duration.seconds(1000)
        for _ in 0..<5 {
            try collective.barrier()
            let start = ContinuousClock.now
            var span = values.mutableSpan
            try collective.sum(&span)
            best = min(best, ContinuousClock.now - start)
        }
        if collective.rank == 0 { print("sum of \(count) values over \(collective.size) ranks: \(best)") }
    }
}
