import Parallel

/// A two-dimensional convolution (cross-correlation, as deep-learning frameworks name it) without padding around groups.
///
/// - Parameters:
///   - x: `[batch, channels, height, width]`.
///   - weight: `[outputs, channels, kernelHeight, kernelWidth]`.
///   - bias: `[outputs]` or absent.
///   - stride: Step along both axes; equal to the kernel size for the patch embedding of a vision transformer.
///   - padding: Zeros around the image.
/// - Returns: `[batch, outputs, (height + 2·padding − kernelHeight) / stride + 1, …]`.
public func convolution(_ x: Tensor, weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Int = 0) -> Tensor {
    require(
        x.rank == 4 && weight.rank == 4 && x.shape[1] == weight.shape[1] && stride > 0 && padding >= 0,
        "convolution: input \(x.shape), weight \(weight.shape), stride \(stride), padding \(padding)")
    let geometry = PatchGeometry(x.shape, kernel: (weight.shape[2], weight.shape[3]), stride: stride, padding: padding)
    let patches = x.patches(geometry)
    let rows = linear(
        patches, weight: weight.reshaped([weight.shape[0], geometry.patchSize]), bias: bias)
    return rows.reshaped([x.shape[0], geometry.rows, geometry.columns, weight.shape[0]]).permuted([0, 3, 1, 2])
        .contiguous
}

/// The patches of a vision transformer as a sequence, in rows from the top left: `[batch, patches, outputs]`.
///
/// Equal to ``convolution(_:weight:bias:stride:padding:)`` with the stride of the kernel, with the result's axes in the
/// order of tokens.
public func patchEmbedding(_ x: Tensor, weight: Tensor, bias: Tensor? = nil) -> Tensor {
    require(
        x.rank == 4 && weight.rank == 4 && x.shape[1] == weight.shape[1] && weight.shape[2] == weight.shape[3],
        "patchEmbedding: input \(x.shape), weight \(weight.shape)")
    let size = weight.shape[2]
    require(
        x.shape[2] % size == 0 && x.shape[3] % size == 0, "patchEmbedding: image \(x.shape), patches of \(size)")
    let geometry = PatchGeometry(x.shape, kernel: (size, size), stride: size, padding: 0)
    let rows = linear(
        x.patches(geometry), weight: weight.reshaped([weight.shape[0], geometry.patchSize]), bias: bias)
    return rows.reshaped([x.shape[0], geometry.rows * geometry.columns, weight.shape[0]])
}

/// Where the patches of a convolution lie.
private struct PatchGeometry {
    let batch, channels, height, width: Int
    let kernelHeight, kernelWidth, stride, padding: Int
    /// Patches along the height and the width.
    let rows, columns: Int

    var patchSize: Int { channels * kernelHeight * kernelWidth }

    init(_ shape: Shape, kernel: (Int, Int), stride: Int, padding: Int) {
        (batch, channels, height, width) = (shape[0], shape[1], shape[2], shape[3])
        (kernelHeight, kernelWidth) = kernel
        self.stride = stride
        self.padding = padding
        rows = (height + 2 * padding - kernelHeight) / stride + 1
        columns = (width + 2 * padding - kernelWidth) / stride + 1
        require(
            height + 2 * padding >= kernelHeight && width + 2 * padding >= kernelWidth,
            "convolution: kernel \(kernel) on an image \(shape) with padding \(padding)")
    }

    /// Calls `body(image offset, patch offset, count)` for every run of pixels inside the image of one row of patches.
    func forEachRun(patchRow: Int, _ body: (_ image: Int, _ patch: Int, _ count: Int) -> Void) {
        let (b, top) = (patchRow / rows, patchRow % rows * stride - padding)
        for column in 0..<columns {
            let left = column * stride - padding
            let (first, last) = (max(0, -left), min(kernelWidth, width - left))
            guard first < last else { continue }
            for c in 0..<channels {
                for y in max(0, -top)..<max(max(0, -top), min(kernelHeight, height - top)) {
                    let image = ((b * channels + c) * height + top + y) * width + left + first
                    let patch =
                        (patchRow * columns + column) * patchSize + (c * kernelHeight + y) * kernelWidth + first
                    body(image, patch, last - first)
                }
            }
        }
    }
}

extension Tensor {
    /// The patches under a kernel, one per row: `[batch · rows · columns, channels · kernelHeight · kernelWidth]`.
    fileprivate func patches(_ geometry: PatchGeometry) -> Tensor {
        let count = geometry.batch * geometry.rows * geometry.columns
        let result =
            geometry.padding == 0
            ? Tensor.uninitialized([count, geometry.patchSize]) : .zeros([count, geometry.patchSize])
        Profiler.measure("patches", bytes: 8 * result.elementCount, shape: result.shape) {
            withPointer(of: Float.self) { x in
                parallelFor(geometry.batch * geometry.rows) { row in
                    geometry.forEachRun(patchRow: row) { image, patch, count in
                        (result.floatBase + patch).update(from: x + image, count: count)
                    }
                }
            }
        }
        let whole = shape
        return result.recorded("patches", from: [self]) { dy, inputs in
            inputs.accumulate(to: 0, shape: whole) { gradient, isFirst in
                if isFirst { gradient.update(repeating: 0, count: whole.elementCount) }
                dy.withPointer(of: Float.self) { dy in
                    // patches may overlap within an image: one task an image
                    parallelFor(geometry.batch) { b in
                        for row in b * geometry.rows..<(b + 1) * geometry.rows {
                            geometry.forEachRun(patchRow: row) { image, patch, count in
                                for i in 0..<count { gradient[image + i] += dy[patch + i] }
                            }
                        }
                    }
                }
            }
        }
    }
}
