import CTensorKernels

/// Root-mean-square normalization of the last axis, x / √(mean(x²) + ε) · weight: `[..., columns]`, weight `[columns]`.
///
/// Source: Zhang & Sennrich 2019, arXiv:1910.07467, eq. 4. Reference: ``rmsNormForward(_:gamma:epsilon:into:rstd:)``.
public func rmsNorm(_ x: Tensor, weight: Tensor, epsilon: Float) -> Tensor {
    let columns = x.shape[-1]
    require(weight.shape == [columns], "rmsNorm: input \(x.shape), weight \(weight.shape)")
    let rows = columns == 0 ? 0 : x.elementCount / columns
    let grain = Kernel.rowsPerTask(columns)
    let input = x.contiguous
    let result = Tensor.uninitialized(x.shape)
    let rstd = Tensor.uninitialized([rows])
    Profiler.measure("rmsNorm", bytes: 8 * x.elementCount, shape: result.shape) {
        input.withPointer(of: Float.self) { x in
            weight.withPointer(of: Float.self) { gamma in
                Kernel.forEachPiece(rows, grain: grain) { row, count in
                    let start = row * columns
                    ctk_rms_norm(
                        x + start, gamma, epsilon, result.floatBase + start, rstd.floatBase + row, count, columns)
                }
            }
        }
    }
    let (x, gamma) = (input.detached, weight.detached)
    return result.recorded("rmsNorm", from: [input, weight]) { dy, inputs in
        let needsInput = inputs.isNeeded(0)
        let dx = needsInput ? Tensor.uninitialized(x.shape) : nil
        let dGamma = Tensor.zeros([columns])
        x.withPointer(of: Float.self) { x in
            gamma.withPointer(of: Float.self) { gamma in
                dy.withPointer(of: Float.self) { dy in
                    Kernel.orderedColumnSums(
                        rows: rows, columns: columns, width: columns, into: dGamma.floatBase, isFirst: false
                    ) { row, count, partial in
                        let start = row * columns
                        ctk_rms_norm_backward(
                            x + start, gamma, rstd.floatBase + row, dy + start, dx.map { $0.floatBase + start },
                            partial,
                            count, columns)
                    }
                }
            }
        }
        if let dx { inputs.add(dx, to: 0) }
        inputs.add(dGamma, to: 1)
    }
}

/// Layer normalization of the last axis, (x − mean) / √(variance + ε) · weight + bias: `[..., columns]`.
///
/// `weight` and `bias` `[columns]` or absent (1 and 0). Source: Ba, Kiros & Hinton 2016, arXiv:1607.06450, eq. 3–4.
public func layerNorm(_ x: Tensor, weight: Tensor? = nil, bias: Tensor? = nil, epsilon: Float) -> Tensor {
    let columns = x.shape[-1]
    require(weight == nil || weight!.shape == [columns], "layerNorm: input \(x.shape), weight \(weight!.shape)")
    require(bias == nil || bias!.shape == [columns], "layerNorm: input \(x.shape), bias \(bias!.shape)")
    let rows = columns == 0 ? 0 : x.elementCount / columns
    let grain = Kernel.rowsPerTask(columns)
    let input = x.contiguous
    let result = Tensor.uninitialized(x.shape)
    let (mean, rstd) = (Tensor.uninitialized([rows]), Tensor.uninitialized([rows]))
    Profiler.measure("layerNorm", bytes: 8 * x.elementCount, shape: result.shape) {
        input.withPointer(of: Float.self) { x in
            weight.withOptionalPointer { gamma in
                bias.withOptionalPointer { beta in
                    Kernel.forEachPiece(rows, grain: grain) { row, count in
                        let start = row * columns
                        ctk_layer_norm(
                            x + start, gamma, beta, epsilon, result.floatBase + start, mean.floatBase + row,
                            rstd.floatBase + row, count, columns)
                    }
                }
            }
        }
    }
    let (x, gamma) = (input.detached, weight?.detached)
    // an absent weight or bias is a constant that gets no gradient
    let inputs = [input, weight ?? Tensor(1), bias ?? Tensor(0)]
    return result.recorded("layerNorm", from: inputs) { dy, inputs in
        let dx = inputs.isNeeded(0) ? Tensor.uninitialized(x.shape) : nil
        // [dγ ; dβ] in one vector, so that both are summed in the same fixed order
        let sums = Tensor.zeros([2 * columns])
        x.withPointer(of: Float.self) { x in
            gamma.withOptionalPointer { gamma in
                dy.withPointer(of: Float.self) { dy in
                    Kernel.orderedColumnSums(
                        rows: rows, columns: columns, width: 2 * columns, into: sums.floatBase, isFirst: false
                    ) { row, count, partial in
                        let start = row * columns
                        ctk_layer_norm_backward(
                            x + start, gamma, mean.floatBase + row, rstd.floatBase + row, dy + start,
                            dx.map { $0.floatBase + start }, partial, partial + columns, count, columns)
                    }
                }
            }
        }
        if let dx { inputs.add(dx, to: 0) }
        inputs.add(sums[0..<columns].copied(), to: 1)
        inputs.add(sums[columns..<2 * columns].copied(), to: 2)
    }
}

extension Tensor? {
    /// A pointer to the elements, nil when there is no tensor.
    func withOptionalPointer<Result>(_ body: (UnsafePointer<Float>?) throws -> Result) rethrows -> Result {
        guard let self else { return try body(nil) }
        return try self.withPointer(of: Float.self) { try body($0) }
    }
}
