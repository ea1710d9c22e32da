import TensorCore
public import TensorNN

/// Gradients of a batch that is cut into shards, averaged over the shards.
///
/// Rank r of W takes the shards r, r + W, …; the sums run over the shards from the first to the last, so that n
/// processes with one shard each give the bits of one process with n shards. Every shard counts the same, whatever
/// number of tokens it has. A trainable parameter without a gradient in some shards counts there as zero; without one
/// in all shards it has none.
public struct DataParallel: Sendable {
    /// Shards of a batch; a multiple of the number of processes.
    public let shardCount: Int

    public init(shardCount: Int) {
        require(shardCount > 0, "a batch of \(shardCount) shards")
        self.shardCount = shardCount
    }

    /// Computes this rank's shards and averages over all ranks'.
    ///
    /// - Parameters:
    ///   - model: The model, the same on every rank.
    ///   - collective: The processes of the run.
    ///   - body: Values to average, such as the loss and its parts, and the gradients of one shard. It is called for
    ///     this rank's shards in ascending order and returns the same number of values for all of them.
    /// - Returns: The averages, the same on every rank.
    public func average<M: Module>(
        of model: M, over collective: inout some Collective,
        _ body: (_ model: M, _ shard: Int) throws -> (values: [Float], gradients: Gradients)
    ) throws -> (values: [Float], gradients: Gradients) {
        require(
            shardCount % collective.size == 0, "\(shardCount) shards cannot be shared by \(collective.size) processes")
        if shardCount == 1 { return try body(model, 0) }
        var layout: [(name: String, shape: Shape)] = []
        model.forEachParameter { name, parameter in
            if parameter.isTrainable { layout.append((name, parameter.value.shape)) }
        }

        var total = Gradients()
        var values: [Float] = []
        var present = [Float](repeating: 0, count: layout.count)
        for round in 0..<(shardCount / collective.size) {
            var (shardValues, shard) = try body(model, round * collective.size + collective.rank)

            // which parameters have a gradient; zeros for the others
            var found = layout.map { shard[$0.name] == nil ? Float(0) : 1 }
            for (name, shape) in layout where shard[name] == nil { shard[name] = .zeros(shape) }

            if round == 0 {
                try collective.sum(&shardValues)
                try collective.sum(&found)
                try sum(&shard, layout, over: &collective)
                (values, present, total) = (shardValues, found, shard)
            } else {
                try collective.add(shardValues, to: &values)
                try collective.add(found, to: &present)
                for (name, _) in layout {
                    let contribution = shard[name]!
                    try total.update(name) { total in
                        try contribution.withSpan { contribution in
                            try total.withMutableSpan { try collective.add(contribution, to: &$0) }
                        }
                    }
                }
            }
        }

        let share = 1 / Float(shardCount)
        for (index, entry) in layout.enumerated() where present[index] == 0 { total[entry.name] = nil }
        total.scale(by: share)
        return (values.map { $0 * share }, total)
    }

    /// Gives every rank the trainable parameters of rank 0. Before the first step: ranks that start apart stay apart.
    public static func synchronize(_ model: inout some Module, over collective: inout some Collective) throws {
        guard collective.size > 1 else { return }
        var failure: (any Error)?
        model.updateParameters { _, parameter in
            guard parameter.isTrainable, failure == nil else { return }
            do {
                try parameter.value.withMutableSpan { try collective.broadcast(&$0, from: 0) }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// Sums all gradients over the ranks; small ones together, so that each exchange is worth its delay.
    private func sum(
        _ gradients: inout Gradients, _ layout: [(name: String, shape: Shape)], over collective: inout some Collective
    ) throws {
        guard collective.size > 1 else { return }
        let smallSize = 1 << 16
        let small = layout.filter { $0.shape.elementCount < smallSize }
        for (name, shape) in layout where shape.elementCount >= smallSize {
            try gradients.update(name) { try $0.withMutableSpan { try collective.sum(&$0) } }
        }

        // packed one after another, summed, unpacked
        var packed = small.flatMap { gradients[$0.name]!.elements() }
        try collective.sum(&packed)
        var start = 0
        for (name, shape) in small {
            gradients[name] = Tensor(Array(packed[start..<(start + shape.elementCount)]), shape)
            start += shape.elementCount
        }
    }
}

extension Collective {
    /// ``sum(_:)-(MutableSpan<Float>)`` of an array.
    mutating func sum(_ values: inout [Float]) throws {
        var span = values.mutableSpan
        try sum(&span)
    }

    /// ``add(_:to:)`` of arrays.
    mutating func add(_ contribution: [Float], to total: inout [Float]) throws {
        require(
            contribution.count == total.count, "\(contribution.count) values of a shard, \(total.count) before")
        var span = total.mutableSpan
        try add(contribution.span, to: &span)
    }
}
