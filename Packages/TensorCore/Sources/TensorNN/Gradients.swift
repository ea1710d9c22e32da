public import TensorCore

/// The gradients of a scalar with respect to the trainable parameters of a module, by parameter name.
///
/// The order is that of ``Module/visitParameters(_:)``. A parameter the scalar does not depend on has none.
public struct Gradients: Sendable {
    /// Names in visiting order, of parameters that have a gradient.
    public private(set) var names: [String] = []
    private var tensors: [String: Tensor] = [:]

    public init() {}

    /// The gradient of a parameter; nil when there is none.
    public subscript(name: String) -> Tensor? {
        get { tensors[name] }
        set {
            if newValue != nil, tensors[name] == nil { names.append(name) }
            if newValue == nil { names.removeAll { $0 == name } }
            tensors[name] = newValue
        }
    }

    /// √Σ g² over all gradients, in `Double`.
    public var norm: Double {
        Profiler.measure("gradientNorm") {
            var sum = 0.0
            for name in names { sum += tensors[name]!.sumOfSquares() }
            return sum.squareRoot()
        }
    }

    /// Every gradient times `factor`.
    public func scaled(by factor: Float) -> Gradients {
        var result = self
        result.scale(by: factor)
        return result
    }

    /// Multiplies every gradient by `factor` in place.
    public mutating func scale(by factor: Float) {
        Profiler.measure("gradientScale") {
            for name in names { tensors[name]!.scale(by: factor) }
        }
    }

    /// Gradients whose ``norm`` is at most `limit`: `g · min(1, limit / (norm + 1e-6))`, as PyTorch's `clip_grad_norm_`.
    public func clipped(toNorm limit: Double) -> Gradients {
        let factor = limit / (norm + 1e-6)
        return factor < 1 ? scaled(by: Float(factor)) : self
    }

    /// Makes the ``norm`` at most `limit`, as ``clipped(toNorm:)`` but in place; returns the norm before.
    @discardableResult
    public mutating func clip(toNorm limit: Double) -> Double {
        let norm = norm
        let factor = limit / (norm + 1e-6)
        if factor < 1 { scale(by: Float(factor)) }
        return norm
    }

    /// Adds the gradients of another batch; a parameter that only one side has keeps that side's.
    public static func += (left: inout Gradients, right: Gradients) { left.add(right) }

    /// self += scale · other; a parameter that only one side has keeps that side's, scaled.
    public mutating func add(_ other: Gradients, scaledBy scale: Float = 1) {
        for name in other.names {
            if tensors[name] == nil {
                self[name] = other.tensors[name]
                if scale != 1 { tensors[name]!.scale(by: scale) }
            } else {
                tensors[name]!.add(other.tensors[name]!, scaledBy: scale)
            }
        }
    }

    /// Changes the gradient of a parameter in place. Traps when there is none.
    public mutating func update<Result>(
        _ name: String, _ body: (inout Tensor) throws -> Result
    ) rethrows -> Result {
        precondition(tensors[name] != nil, "no gradient of '\(name)'")
        return try body(&tensors[name]!)
    }
}

/// The value of a scalar computed from a model, and its gradients with respect to the trainable parameters.
///
/// `body` gets the model with its trainable parameters recorded and returns a scalar tensor.
public func valueAndGradient<M: Module>(
    of model: M, _ body: (M) throws -> Tensor
) rethrows -> (value: Float, gradients: Gradients) {
    let (value, _, gradients) = try valueAndGradient(of: model) { (try body($0), ()) }
    return (value, gradients)
}

/// As ``valueAndGradient(of:_:)`` for a body that also returns something to keep, such as metrics.
public func valueAndGradient<M: Module, Extra>(
    of model: M, _ body: (M) throws -> (Tensor, Extra)
) rethrows -> (value: Float, extra: Extra, gradients: Gradients) {
    var recorded = model
    var names: [String] = []
    var leaves: [Tensor] = []
    recorded.updateParameters { name, parameter in
        guard parameter.isTrainable else {
            parameter.value = parameter.value.detached
            return
        }
        parameter.value = parameter.value.asLeaf()
        names.append(name)
        leaves.append(parameter.value)
    }
    let (loss, extra) = try body(recorded)
    var result = Gradients()
    for (name, gradient) in zip(names, gradients(of: loss, withRespectTo: leaves)) where gradient != nil {
        result[name] = gradient
    }
    return (loss.scalar, extra, result)
}
