import CTensorKernels

// MARK: - Arithmetic with broadcasting

extension Tensor {
    public static func + (a: Tensor, b: Tensor) -> Tensor {
        binary("add", a, b, ctk_add) { dy, inputs, a, b in
            inputs.add(dy.summed(to: a), to: 0)
            inputs.add(dy.summed(to: b), to: 1)
        }
    }

    public static func - (a: Tensor, b: Tensor) -> Tensor {
        binary("subtract", a, b, ctk_subtract) { dy, inputs, a, b in
            inputs.add(dy.summed(to: a), to: 0)
            inputs.add((-dy).summed(to: b), to: 1)
        }
    }

    public static func * (a: Tensor, b: Tensor) -> Tensor {
        let (x, y) = (a.detached, b.detached)
        return binary("multiply", a, b, ctk_multiply) { dy, inputs, a, b in
            inputs.add((dy * y).summed(to: a), to: 0)
            inputs.add((dy * x).summed(to: b), to: 1)
        }
    }

    public static func / (a: Tensor, b: Tensor) -> Tensor {
        let (x, y) = (a.detached, b.detached)
        return binary("divide", a, b, ctk_divide) { dy, inputs, a, b in
            inputs.add((dy / y).summed(to: a), to: 0)
            inputs.add((-(dy * x) / (y * y)).summed(to: b), to: 1)
        }
    }

    public static prefix func - (a: Tensor) -> Tensor { a.scaleShift(-1, 0) }
    public static func + (a: Tensor, b: Float) -> Tensor { a.scaleShift(1, b) }
    public static func + (a: Float, b: Tensor) -> Tensor { b.scaleShift(1, a) }
    public static func - (a: Tensor, b: Float) -> Tensor { a.scaleShift(1, -b) }
    public static func - (a: Float, b: Tensor) -> Tensor { b.scaleShift(-1, a) }
    public static func * (a: Tensor, b: Float) -> Tensor { a.scaleShift(b, 0) }
    public static func * (a: Float, b: Tensor) -> Tensor { b.scaleShift(a, 0) }
    public static func / (a: Tensor, b: Float) -> Tensor { a.scaleShift(1 / b, 0) }
    public static func / (a: Float, b: Tensor) -> Tensor { Tensor(a) / b }
    public static func += (a: inout Tensor, b: Tensor) { a = a + b }

    /// a · scale + shift.
    public func scaleShift(_ scale: Float, _ shift: Float) -> Tensor {
        let result = Tensor.uninitialized(shape)
        Profiler.measure("scaleShift", bytes: 8 * elementCount, shape: result.shape) {
            withPointer(of: Float.self) { x in
                Kernel.scaleShift(x, scale, shift, into: result.floatBase, count: elementCount)
            }
        }
        return result.recorded("scaleShift", from: [self]) { dy, inputs in
            inputs.add(dy.scaleShift(scale, 0), to: 0)
        }
    }

    /// Element-wise result of the broadcast shape; `backward` gets the shapes of both inputs.
    private static func binary(
        _ name: String, _ a: Tensor, _ b: Tensor, _ kernel: Kernel.Binary,
        backward: @escaping @Sendable (Tensor, inout InputGradients, _ a: Shape, _ b: Shape) -> Void
    ) -> Tensor {
        guard let shape = a.shape.broadcast(with: b.shape) else {
            fatalError("\(name): shapes \(a.shape) and \(b.shape) do not fit")
        }
        require(
            a.dtype == .float32 && b.dtype == .float32, "\(name): \(a.dtype) and \(b.dtype); convert to float32 first")
        let result = Tensor.uninitialized(shape)
        Profiler.measure(name, bytes: 12 * shape.elementCount, shape: result.shape) {
            a.broadcast(to: shape).withPointer(of: Float.self) { x in
                b.broadcast(to: shape).withPointer(of: Float.self) { y in
                    Kernel.binary(kernel, x, y, into: result.floatBase, count: shape.elementCount)
                }
            }
        }
        let (shapeA, shapeB) = (a.shape, b.shape)
        return result.recorded(name, from: [a, b]) { dy, inputs in backward(dy, &inputs, shapeA, shapeB) }
    }

    /// The elements of a freshly allocated result.
    package var floatBase: UnsafeMutablePointer<Float> { storage.base.assumingMemoryBound(to: Float.self) + offset }

    // MARK: In place

    /// self += other. The result is a constant.
    public mutating func add(_ other: Tensor, scaledBy scale: Float = 1) {
        require(shape == other.shape, "add in place: \(shape) and \(other.shape)")
        let count = elementCount
        other.withPointer(of: Float.self) { x in
            withMutablePointer(of: Float.self) { y in Kernel.addScaled(x, scale, to: y, count: count) }
        }
    }

    /// self *= factor. The result is a constant.
    public mutating func scale(by factor: Float) {
        let count = elementCount
        withMutablePointer(of: Float.self) { y in Kernel.scaleShift(y, factor, 0, into: y, count: count) }
    }
}

// MARK: - Functions of one tensor

extension Tensor {
    /// eˣ.
    public func exp() -> Tensor {
        let y = map("exp", ctk_exponential)
        return y.recorded("exp", from: [self]) { dy, inputs in inputs.add(dy * y, to: 0) }
    }

    /// Natural logarithm.
    public func log() -> Tensor {
        let x = detached
        return map("log", ctk_logarithm).recorded("log", from: [self]) { dy, inputs in inputs.add(dy / x, to: 0) }
    }

    public func squareRoot() -> Tensor {
        let y = map("squareRoot", ctk_square_root)
        return y.recorded("squareRoot", from: [self]) { dy, inputs in inputs.add(dy / (y * 2), to: 0) }
    }

    public func squared() -> Tensor { self * self }

    /// |x|; the gradient at 0 is 0.
    public func absoluteValue() -> Tensor {
        let x = detached
        let result = mapElements { Swift.abs($0) }
        return result.recorded("absoluteValue", from: [self]) { dy, inputs in
            inputs.add(dy * x.mapElements { $0 > 0 ? 1 : ($0 < 0 ? -1 : 0) }, to: 0)
        }
    }

    public func tanh() -> Tensor {
        let y = map("tanh", ctk_hyperbolic_tangent)
        return y.recorded("tanh", from: [self]) { dy, inputs in inputs.add(dy * (1 - y * y), to: 0) }
    }

    /// 1 / (1 + e⁻ˣ).
    public func sigmoid() -> Tensor {
        let y = map("sigmoid", ctk_sigmoid)
        return y.recorded("sigmoid", from: [self]) { dy, inputs in inputs.add(dy * y * (1 - y), to: 0) }
    }

    /// sin x.
    public func sine() -> Tensor {
        let x = detached
        return mapElements { Float(Libm.sine(Double($0))) }.recorded("sine", from: [self]) { dy, inputs in
            inputs.add(dy * x.cosine(), to: 0)
        }
    }

    /// cos x.
    public func cosine() -> Tensor {
        let x = detached
        return mapElements { Float(Libm.cosine(Double($0))) }.recorded("cosine", from: [self]) { dy, inputs in
            inputs.add(-(dy * x.sine()), to: 0)
        }
    }

    /// max(x, 0).
    public func relu() -> Tensor { activation("relu", ctk_relu, ctk_relu_backward) }

    /// x · σ(x).
    public func silu() -> Tensor { activation("silu", ctk_silu, ctk_silu_backward) }

    /// The Gaussian error linear unit.
    public enum GELU: String, Sendable, Codable {
        /// x · Φ(x), by the error function. Hendrycks & Gimpel 2016, arXiv:1606.08415.
        case exact
        /// ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))), section 2 of the same paper.
        case tanh
        /// x · σ(1.702 x), as in CLIP.
        case quick
    }

    /// GELU in the exact form or one of its approximations.
    public func gelu(_ form: GELU = .exact) -> Tensor {
        switch form {
        case .exact: activation("gelu", ctk_gelu, ctk_gelu_backward)
        case .tanh: activation("geluTanh", ctk_gelu_tanh, ctk_gelu_tanh_backward)
        case .quick: activation("quickGELU", ctk_quick_gelu, ctk_quick_gelu_backward)
        }
    }

    /// silu(gate) · up, the inner part of SwiGLU. Shazeer 2020, arXiv:2002.05202.
    public static func siluMultiply(gate: Tensor, up: Tensor) -> Tensor {
        require(gate.shape == up.shape, "siluMultiply: gate \(gate.shape), up \(up.shape)")
        let result = Tensor.uninitialized(gate.shape)
        let count = gate.elementCount
        Profiler.measure("siluMultiply", bytes: 12 * count, shape: result.shape) {
            gate.withPointer(of: Float.self) { g in
                up.withPointer(of: Float.self) { u in
                    Kernel.binary(ctk_silu_multiply, g, u, into: result.floatBase, count: count)
                }
            }
        }
        let (g, u) = (gate.detached, up.detached)
        return result.recorded("siluMultiply", from: [gate, up]) { dy, inputs in
            let (dGate, dUp) = (Tensor.uninitialized(g.shape), Tensor.uninitialized(g.shape))
            g.withPointer(of: Float.self) { g in
                u.withPointer(of: Float.self) { u in
                    dy.withPointer(of: Float.self) { dy in
                        Kernel.forEachPiece(count) { i, count in
                            ctk_silu_multiply_backward(
                                g + i, u + i, dy + i, dGate.floatBase + i, dUp.floatBase + i, count)
                        }
                    }
                }
            }
            inputs.add(dGate, to: 0)
            inputs.add(dUp, to: 1)
        }
    }

    /// Each element limited to a range; the gradient is 0 outside of it.
    public func clamped(to range: ClosedRange<Float>) -> Tensor {
        let x = detached
        let result = mapElements {
            $0 < range.lowerBound ? range.lowerBound : ($0 > range.upperBound ? range.upperBound : $0)
        }
        return result.recorded("clamp", from: [self]) { dy, inputs in
            inputs.add(dy * x.mapElements { range.contains($0) ? 1 : 0 }, to: 0)
        }
    }

    /// A function of each element, for small tensors and tests; no gradient.
    public func mapElements(_ function: (Float) -> Float) -> Tensor {
        let result = Tensor.uninitialized(shape)
        let count = elementCount
        withPointer(of: Float.self) { x in
            for i in 0..<count { result.floatBase[i] = function(x[i]) }
        }
        return result
    }

    private func map(_ name: String, _ kernel: Kernel.Unary) -> Tensor {
        require(dtype == .float32, "\(name) of \(dtype); convert to float32 first")
        let result = Tensor.uninitialized(shape)
        Profiler.measure(name, bytes: 8 * elementCount, shape: result.shape) {
            withPointer(of: Float.self) { x in
                Kernel.unary(kernel, x, into: result.floatBase, count: elementCount)
            }
        }
        return result
    }

    private func activation(
        _ name: String, _ forward: Kernel.Unary,
        _ backward:
            @escaping @Sendable (
                UnsafePointer<Float>?, UnsafePointer<Float>?, UnsafeMutablePointer<Float>?, Int
            ) -> Void
    ) -> Tensor {
        let input = detached
        return map(name, forward).recorded(name, from: [self]) { dy, inputs in
            let dx = Tensor.uninitialized(input.shape)
            input.withPointer(of: Float.self) { x in
                dy.withPointer(of: Float.self) { dy in
                    Kernel.binary(backward, x, dy, into: dx.floatBase, count: input.elementCount)
                }
            }
            inputs.add(dx, to: 0)
        }
    }
}
