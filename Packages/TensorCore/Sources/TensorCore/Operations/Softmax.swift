import CTensorKernels

extension Tensor {
    /// eˣ / Σ eˣ along the last axis. A row of −∞ alone becomes zeros.
    public func softmax() -> Tensor {
        let columns = shape[-1]
        let rows = columns == 0 ? 0 : elementCount / columns
        let result = Tensor.uninitialized(shape)
        Profiler.measure("softmax", bytes: 8 * elementCount, shape: result.shape) {
            withPointer(of: Float.self) { x in
                Kernel.forEachPiece(rows, grain: Kernel.rowsPerTask(columns)) { row, count in
                    let start = row * columns
                    ctk_softmax(x + start, result.floatBase + start, nil, count, columns, columns)
                }
            }
        }
        let y = result
        return result.recorded("softmax", from: [self]) { dy, inputs in
            let dx = Tensor.uninitialized(y.shape)
            y.withPointer(of: Float.self) { y in
                dy.withPointer(of: Float.self) { dy in
                    Kernel.forEachPiece(rows, grain: Kernel.rowsPerTask(columns)) { row, count in
                        let start = row * columns
                        ctk_softmax_backward(y + start, dy + start, dx.floatBase + start, count, columns, columns)
                    }
                }
            }
            inputs.add(dx, to: 0)
        }
    }

    /// log Σ eˣ along the last axis: `[..., columns]` → `[...]`. A row of −∞ alone gives −∞ and no gradient.
    public func logSumExp() -> Tensor {
        let columns = shape[-1]
        let rows = columns == 0 ? 0 : elementCount / columns
        let probabilities = Tensor.uninitialized(shape)
        let result = Tensor.uninitialized(Shape(shape.sizes.dropLast()))
        Profiler.measure("logSumExp", bytes: 8 * elementCount, shape: result.shape) {
            withPointer(of: Float.self) { x in
                Kernel.forEachPiece(rows, grain: Kernel.rowsPerTask(columns)) { row, count in
                    let start = row * columns
                    ctk_softmax(
                        x + start, probabilities.floatBase + start, result.floatBase + row, count, columns, columns)
                }
            }
        }
        return result.recorded("logSumExp", from: [self]) { dy, inputs in
            inputs.add(probabilities * dy.expandingDimension(at: -1), to: 0)
        }
    }
}
