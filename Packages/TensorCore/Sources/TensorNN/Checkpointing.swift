public import TensorCore

/// Computes `body(module, x)` keeping no activations inside; the backward pass computes them again.
///
/// For a block of a deep model: the memory of all but one block's activations is traded for one more forward pass. The
/// gradients are those of calling `body` directly, to the bit.
public func checkpointed<M: Module>(
    _ module: M, _ x: Tensor, _ body: @escaping @Sendable (M, Tensor) -> Tensor
) -> Tensor {
    var constants = module
    var inputs = [x]
    constants.updateParameters { _, parameter in
        inputs.append(parameter.value)
        parameter.value = parameter.value.detached
    }
    let template = constants
    return checkpoint(inputs) { inputs in
        var module = template
        var next = 1
        module.updateParameters { _, parameter in
            parameter.value = inputs[next]
            next += 1
        }
        return body(module, inputs[0])
    }
}
