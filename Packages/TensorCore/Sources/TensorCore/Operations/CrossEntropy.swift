import CTensorKernels

/// The mean or sum of −log softmax(logits)[target] over the supervised rows.
public enum LossReduction: Sendable {
    case mean, sum
}

/// Cross-entropy of logits `[..., classes]` against class indices, one per row.
///
/// Rows whose target is `ignoredTarget` cost nothing and get a zero gradient; only the others are computed. Without any
/// supervised row the loss is 0, where PyTorch's mean is NaN: callers that can meet such batches say so.
///
/// Source: `torch.nn.functional.cross_entropy`, `ignore_index`.
public func crossEntropy(
    _ logits: Tensor, targets: [Int], ignoring ignoredTarget: Int = -100, reduction: LossReduction = .mean
) -> Tensor {
    let classes = logits.shape[-1]
    let rows = classes == 0 ? 0 : logits.elementCount / classes
    let supervised = SupervisedRows(targets, rows: rows, classes: classes, ignoring: ignoredTarget)
    guard !supervised.indices.isEmpty else { return logits.sum() * 0 }
    let scale = reduction == .mean ? 1 / Float(supervised.indices.count) : 1

    // the gradient of the supervised rows is computed along with the loss
    var gradient = logits.detached.reshaped([rows, classes]).gatheringRows(supervised.indices)
    let loss = Profiler.measure("crossEntropy", bytes: 8 * gradient.elementCount, shape: logits.shape) {
        gradient.withMutablePointer(of: Float.self) { supervised.lossAndGradient(logits: $0, scale: scale) }
    }
    let (dLogits, shape) = (gradient, logits.shape)
    return Tensor(Float(loss * Double(scale))).recorded("crossEntropy", from: [logits]) { dy, inputs in
        inputs.add(
            (dLogits * dy).scatteringRows(to: supervised.indices, rowCount: rows).reshaped(shape.sizes), to: 0)
    }
}

/// Cross-entropy of the logits `hidden · weightᵀ`, computed without ever holding all logits.
///
/// - Parameters:
///   - hidden: `[..., width]`, one target per row.
///   - weight: `[classes, width]`, the output layer.
///   - targets: A class for each row.
///   - ignoredTarget: Stands for a row that is not supervised.
///   - reduction: Mean or sum over the supervised rows.
/// - Returns: The loss of ``crossEntropy(_:targets:ignoring:reduction:)``. Logits are computed for supervised rows
///   alone, a block of rows at a time, together with the gradients of `hidden` and `weight`.
public func linearCrossEntropy(
    hidden: Tensor, weight: Tensor, targets: [Int], ignoring ignoredTarget: Int = -100,
    reduction: LossReduction = .mean
) -> Tensor {
    let (classes, width) = (weight.shape[0], weight.shape[1])
    require(hidden.shape[-1] == width, "linearCrossEntropy: hidden \(hidden.shape), weight \(weight.shape)")
    let rows = width == 0 ? 0 : hidden.elementCount / width
    let supervised = SupervisedRows(targets, rows: rows, classes: classes, ignoring: ignoredTarget)
    guard !supervised.indices.isEmpty else { return hidden.sum() * 0 }
    let count = supervised.indices.count
    let scale = reduction == .mean ? 1 / Float(count) : 1

    let records = Tensor.records(hidden, weight)
    let x = hidden.detached.reshaped([rows, width])
    let selected = count == rows ? x : x.gatheringRows(supervised.indices)
    let dSelected = Tensor.uninitialized(records ? [count, width] : [0, width])
    let dWeight = Tensor.uninitialized(records && weight.node != nil ? weight.shape : [0, width])
    // blocks of equal size, at most 16 MiB of logits each
    let blockCount = (count * classes + 4_194_303) / 4_194_304
    let block = (count + blockCount - 1) / blockCount
    let logits = Tensor.uninitialized([block, classes])

    var loss = 0.0
    // logits are written and read; with gradients rows and weights are read and theirs written
    Profiler.measure(
        "linearCrossEntropy", operations: (records ? 6 : 2) * count * classes * width,
        bytes: 4 * (2 * count * classes + (records ? 2 : 1) * (count + classes) * width), shape: [count, classes]
    ) {
        selected.withPointer(of: Float.self) { x in
            weight.withPointer(of: Float.self) { w in
                for start in stride(from: 0, to: count, by: block) {
                    let rows = min(block, count - start)
                    let z = logits.floatBase
                    BLAS.parallelGemm(false, true, rows, classes, width, x + start * width, width, w, width, z, classes)
                    loss += supervised.lossAndGradient(logits: z, scale: scale, start: start, count: rows)
                    guard records else { continue }
                    BLAS.parallelGemm(
                        false, false, rows, width, classes, z, classes, w, width, dSelected.floatBase + start * width,
                        width)
                    guard dWeight.shape[0] > 0 else { continue }
                    BLAS.parallelGemm(
                        true, false, classes, width, rows, z, classes, x + start * width, width,
                        beta: start == 0 ? 0 : 1, dWeight.floatBase, width)
                }
            }
        }
    }
    let shape = hidden.shape
    return Tensor(Float(loss * Double(scale))).recorded("linearCrossEntropy", from: [hidden, weight]) { dy, inputs in
        // the incoming gradient is 1 unless the loss is weighted
        let factor = dy.scalar
        let dx = factor == 1 ? dSelected : dSelected * factor
        inputs.add(
            (count == rows ? dx : dx.scatteringRows(to: supervised.indices, rowCount: rows)).reshaped(shape.sizes),
            to: 0)
        inputs.add(factor == 1 ? dWeight : dWeight * factor, to: 1)
    }
}

/// The rows of a batch that have a target.
private struct SupervisedRows {
    let indices: [Int]
    let targets: [Int32]
    let classes: Int

    init(_ targets: [Int], rows: Int, classes: Int, ignoring ignored: Int) {
        require(targets.count == rows, "cross-entropy: \(targets.count) targets for \(rows) rows")
        indices = targets.indices.filter { targets[$0] != ignored }
        self.targets = indices.map { index in
            require(
                targets[index] >= 0 && targets[index] < classes,
                "cross-entropy: target \(targets[index]) of row \(index) is not one of \(classes) classes")
            return Int32(targets[index])
        }
        self.classes = classes
    }

    /// Replaces logits by their gradient and returns the sum of the losses, added row by row in `Double`.
    func lossAndGradient(
        logits: UnsafeMutablePointer<Float>, scale: Float, start: Int = 0, count: Int? = nil
    ) -> Double {
        let count = count ?? targets.count
        return withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { losses in
            let base = losses.baseAddress!
            targets.withUnsafeBufferPointer { targets in
                Kernel.forEachPiece(count, grain: Kernel.rowsPerTask(classes)) { row, rows in
                    ctk_cross_entropy(
                        logits + row * classes, targets.baseAddress! + start + row, scale, base + row,
                        logits + row * classes, rows, classes)
                }
            }
            var sum = 0.0
            for row in 0..<count { sum += Double(base[row]) }
            return sum
        }
    }
}
