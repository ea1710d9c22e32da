import Parallel
import CTensorKernels

/// A two-dimensional convolution (cross-correlation) of images whose channels lie together.
///
/// - Parameters:
///   - x: `[batch, height, width, channels]`.
///   - weight: `[outputs, channels, kernelHeight, kernelWidth]`, as stored by PyTorch.
///   - bias: `[outputs]` or absent.
///   - stride: Step along both axes.
///   - padding: Zeros around the image.
/// - Returns: `[batch, (height + 2·padding − kernelHeight) / stride + 1, …, outputs]`.
///
/// The values of ``convolution(_:weight:bias:stride:padding:)`` in another order of axes, without its transposes. The
/// patches of a few rows of an image at a time are gathered, multiplied and forgotten, and gathered again for the
/// gradient.
public func channelsLastConvolution(
    _ x: Tensor, weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Int = 0
) -> Tensor {
    require(
        x.rank == 4 && weight.rank == 4 && x.shape[3] == weight.shape[1] && stride > 0 && padding >= 0
            && x.shape[1] + 2 * padding >= weight.shape[2] && x.shape[2] + 2 * padding >= weight.shape[3],
        "channelsLastConvolution: input \(x.shape), weight \(weight.shape), stride \(stride), padding \(padding)")
    require(
        bias == nil || bias!.shape == [weight.shape[0]],
        "channelsLastConvolution: weight \(weight.shape), bias \(bias!.shape)")
    let layout = ChannelsLastLayout(x.shape, weight.shape, stride: stride, padding: padding)
    // rows of the weight in the order of the patches: (row, column, channel)
    let matrix = weight.permuted([0, 2, 3, 1]).reshaped([layout.outputs, layout.patchSize])
    let x = x.contiguous
    let result = Tensor.uninitialized([layout.batch, layout.rows, layout.columns, layout.outputs])
    Profiler.measure(
        "channelsLastConvolution", operations: layout.operations,
        bytes: 4 * (x.elementCount + matrix.elementCount + result.elementCount), shape: result.shape
    ) {
        x.withPointer(of: Float.self) { x in
            matrix.withPointer(of: Float.self) { w in
                bias.withOptionalPointer { bias in layout.forward(x, w, bias, into: result.floatBase) }
            }
        }
    }
    let (x0, w0) = (x.detached, matrix.detached)
    let inputs = [x, matrix] + (bias.map { [$0] } ?? [])
    return result.recorded("channelsLastConvolution", from: inputs) { dy, inputs in
        Profiler.addBackward(
            "channelsLastConvolution",
            operations: layout.operations * ((inputs.isNeeded(0) ? 1 : 0) + (inputs.isNeeded(1) ? 1 : 0)))
        dy.withPointer(of: Float.self) { dy in
            inputs.accumulate(to: 0, shape: x0.shape) { dx, isFirst in
                w0.withPointer(of: Float.self) { w in layout.addInputGradient(dy, w, to: dx, isFirst: isFirst) }
            }
            inputs.accumulate(to: 1, shape: w0.shape) { dw, isFirst in
                x0.withPointer(of: Float.self) { x in layout.addWeightGradient(dy, x, to: dw, isFirst: isFirst) }
            }
            guard inputs.inputs.count == 3 else { return }
            let (rows, columns) = (layout.batch * layout.rows * layout.columns, layout.outputs)
            inputs.accumulate(to: 2, shape: [columns]) { db, isFirst in
                Kernel.orderedColumnSums(rows: rows, columns: columns, width: columns, into: db, isFirst: isFirst) {
                    row, rows, partial in ctk_add_column_sums(dy + row * columns, rows, columns, partial)
                }
            }
        }
    }
}

/// Sizes of a convolution, and its loops. Work is cut by these sizes alone.
private struct ChannelsLastLayout: Sendable {
    let batch, height, width, channels: Int
    let outputs, kernelHeight, kernelWidth, stride, padding: Int
    /// Of the result.
    let rows, columns: Int
    let patchSize: Int
    /// Result rows whose patches are gathered at a time: about half a megabyte of them.
    let blockRows: Int

    init(_ x: Shape, _ weight: Shape, stride: Int, padding: Int) {
        (batch, height, width, channels) = (x[0], x[1], x[2], x[3])
        (outputs, kernelHeight, kernelWidth) = (weight[0], weight[2], weight[3])
        self.stride = stride
        self.padding = padding
        rows = (height + 2 * padding - kernelHeight) / stride + 1
        columns = (width + 2 * padding - kernelWidth) / stride + 1
        patchSize = kernelHeight * kernelWidth * channels
        blockRows = min(rows, max(1, 131_072 / max(1, columns * patchSize)))
    }

    var operations: Int { 2 * batch * rows * columns * patchSize * outputs }
    private var blocks: Int { (rows + blockRows - 1) / blockRows }
    private var blockSize: Int { blockRows * columns * patchSize }
    private var imageSize: Int { height * width * channels }
    private var resultSize: Int { rows * columns * outputs }

    private func rowsOfBlock(_ block: Int) -> Range<Int> {
        block * blockRows..<min(rows, (block + 1) * blockRows)
    }

    /// y = patches · Wᵀ + bias, a block of rows a task.
    func forward(
        _ x: UnsafePointer<Float>, _ w: UnsafePointer<Float>, _ bias: UnsafePointer<Float>?,
        into y: UnsafeMutablePointer<Float>
    ) {
        parallelFor(batch * blocks) { task in
            let (b, range) = (task / blocks, rowsOfBlock(task % blocks))
            let m = range.count * columns
            let y = y + b * resultSize + range.lowerBound * columns * outputs
            withUnsafeTemporaryAllocation(of: Float.self, capacity: blockSize) { buffer in
                let patches = buffer.baseAddress!
                gather(x + b * imageSize, range, into: patches)
                BLAS.gemm(false, true, m, outputs, patchSize, patches, patchSize, w, patchSize, y, outputs)
            }
            if let bias { ctk_add_bias(y, bias, y, m, outputs) }
        }
    }

    /// dx += scatter(dy · W), an image a task: the patches of neighbours overlap.
    func addInputGradient(
        _ dy: UnsafePointer<Float>, _ w: UnsafePointer<Float>, to dx: UnsafeMutablePointer<Float>, isFirst: Bool
    ) {
        parallelFor(batch) { b in
            let dx = dx + b * imageSize
            if isFirst { dx.update(repeating: 0, count: imageSize) }
            withUnsafeTemporaryAllocation(of: Float.self, capacity: blockSize) { buffer in
                let patches = buffer.baseAddress!
                for block in 0..<blocks {
                    let range = rowsOfBlock(block)
                    let dy = dy + b * resultSize + range.lowerBound * columns * outputs
                    BLAS.gemm(
                        false, false, range.count * columns, patchSize, outputs, dy, outputs, w, patchSize, patches,
                        patchSize)
                    forEachRun(range) { image, patch, count in
                        ctk_add_scaled(patches + patch, 1, dx + image, count)
                    }
                }
            }
        }
    }

    /// dW += dyᵀ · patches: images in at most eight groups, whose sums are added in order.
    func addWeightGradient(
        _ dy: UnsafePointer<Float>, _ x: UnsafePointer<Float>, to dw: UnsafeMutablePointer<Float>, isFirst: Bool
    ) {
        let groups = min(batch, 8)
        let size = outputs * patchSize
        let partials = Tensor.uninitialized([groups, size])
        parallelFor(groups) { group in
            let partial = partials.floatBase + group * size
            var isEmpty = true
            withUnsafeTemporaryAllocation(of: Float.self, capacity: blockSize) { buffer in
                let patches = buffer.baseAddress!
                for b in group * batch / groups..<(group + 1) * batch / groups {
                    for block in 0..<blocks {
                        let range = rowsOfBlock(block)
                        gather(x + b * imageSize, range, into: patches)
                        BLAS.gemm(
                            true, false, outputs, patchSize, range.count * columns,
                            dy + b * resultSize + range.lowerBound * columns * outputs, outputs, patches, patchSize,
                            beta: isEmpty ? 0 : 1, partial, patchSize)
                        isEmpty = false
                    }
                }
            }
        }
        Kernel.forEachPiece(size) { start, count in
            if isFirst { (dw + start).update(repeating: 0, count: count) }
            for group in 0..<groups { ctk_add_scaled(partials.floatBase + group * size + start, 1, dw + start, count) }
        }
    }

    /// The patches of some result rows, zeros where they reach beyond the image.
    private func gather(_ x: UnsafePointer<Float>, _ range: Range<Int>, into patches: UnsafeMutablePointer<Float>) {
        if padding > 0 { patches.update(repeating: 0, count: range.count * columns * patchSize) }
        forEachRun(range) { image, patch, count in (patches + patch).update(from: x + image, count: count) }
    }

    /// Calls `body(place in the image, place in the patches, count)` for every row of every patch.
    private func forEachRun(_ range: Range<Int>, _ body: (_ image: Int, _ patch: Int, _ count: Int) -> Void) {
        for i in range {
            let top = i * stride - padding
            let (firstRow, lastRow) = (max(0, -top), min(kernelHeight, height - top))
            for j in 0..<columns {
                let left = j * stride - padding
                let (first, last) = (max(0, -left), min(kernelWidth, width - left))
                guard first < last, firstRow < lastRow else { continue }
                let patch = ((i - range.lowerBound) * columns + j) * patchSize
                for u in firstRow..<lastRow {
                    body(
                        ((top + u) * width + left + first) * channels,
                        patch + (u * kernelWidth + first) * channels, (last - first) * channels)
                }
            }
        }
    }
}
