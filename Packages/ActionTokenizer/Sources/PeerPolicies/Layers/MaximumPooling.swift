import Parallel
public import TensorCore

/// The largest value under a window that slides over images: `[batch, height, width, channels]` → `[batch, rows,
/// columns, channels]`.
///
/// Beyond the image lies −∞. Of equal values the first, in rows from the top left, gets the gradient, as in PyTorch.
///
/// - Parameters:
///   - x: The images.
///   - size: Rows and columns of the window.
///   - stride: Step along both axes.
///   - padding: Rows and columns beyond each side, less than `size`.
public func maximumPooling(_ x: Tensor, size: Int = 3, stride: Int = 2, padding: Int = 1) -> Tensor {
    precondition(
        x.rank == 4 && size > padding && stride > 0 && x.shape[1] + 2 * padding >= size
            && x.shape[2] + 2 * padding >= size,
        "maximumPooling: input \(x.shape), window \(size), stride \(stride), padding \(padding)")
    let (batch, height, width, channels) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    let rows = (height + 2 * padding - size) / stride + 1
    let columns = (width + 2 * padding - size) / stride + 1
    var result = Tensor.zeros([batch, rows, columns, channels])
    let source = x.contiguous
    let isRecorded = x.requiresGradient && GradientRecording.isEnabled
    var winners = [Int32](repeating: 0, count: isRecorded ? result.elementCount : 0)
    source.withSpan { (x: Span<Float>) in
        x.withUnsafeBufferPointer { x in
            result.withMutableSpan { (y: inout MutableSpan<Float>) in
                y.withUnsafeMutableBufferPointer { y in
                    winners.withUnsafeMutableBufferPointer { winners in
                        nonisolated(unsafe) let (from, to, chosen) = (x.baseAddress!, y.baseAddress!, winners)
                        parallelFor(batch * rows) { line in
                            let (b, i) = (line / rows, line % rows)
                            for j in 0..<columns {
                                let out = (line * columns + j) * channels
                                var isFirst = true
                                for u in max(0, i * stride - padding)..<min(height, i * stride - padding + size) {
                                    for v in max(0, j * stride - padding)..<min(width, j * stride - padding + size) {
                                        let at = ((b * height + u) * width + v) * channels
                                        for c in 0..<channels where isFirst || from[at + c] > to[out + c] {
                                            to[out + c] = from[at + c]
                                            if !chosen.isEmpty { chosen[out + c] = Int32(at + c) }
                                        }
                                        isFirst = false
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
    guard isRecorded else { return result }
    let (shape, places) = (x.shape, winners)
    return result.recorded("maximumPooling", from: [x]) { dy, inputs in
        var dx = Tensor.zeros(shape)
        dy.contiguous.withSpan { (dy: Span<Float>) in
            dx.withMutableSpan { (dx: inout MutableSpan<Float>) in
                for i in 0..<dy.count { dx[Int(places[i])] += dy[i] }
            }
        }
        inputs.add(dx, to: 0)
    }
}
