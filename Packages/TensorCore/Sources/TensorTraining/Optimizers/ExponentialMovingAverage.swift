public import TensorCore
public import TensorNN

/// A slowly moving copy of the trainable parameters, often better at evaluation: `a ← d a + (1 − d) p`.
public struct ExponentialMovingAverage: Sendable {
    /// d; may grow over the first updates, so that the first weights are soon forgotten.
    public var decay: Float
    /// The averages by parameter name; empty before the first update, which copies the parameters.
    public private(set) var values: [String: Tensor] = [:]

    public init(decay: Float) {
        require((0...1).contains(decay), "decay \(decay) of a moving average")
        self.decay = decay
    }

    /// Continues from averages of an earlier run.
    public init(decay: Float, values: [String: Tensor]) {
        self.init(decay: decay)
        self.values = values
    }

    /// Takes the parameters in; after each update of the optimizer.
    public mutating func update(with model: some Module) {
        model.forEachParameter { name, parameter in
            guard parameter.isTrainable else { return }
            guard var average = values.removeValue(forKey: name) else {
                values[name] = parameter.value.detached
                return
            }
            average.scale(by: decay)
            average.add(parameter.value, scaledBy: 1 - decay)
            values[name] = average
        }
    }

    /// The model with the averages in place of its parameters.
    public func applied<M: Module>(to model: M) -> M {
        var result = model
        result.updateParameters { name, parameter in
            if let average = values[name] { parameter.value = average }
        }
        return result
    }
}
