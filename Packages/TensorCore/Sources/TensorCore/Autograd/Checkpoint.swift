/// Computes `body(inputs)` without keeping what its gradient needs; the backward pass computes it again.
///
/// Trades one more forward computation for the memory of the activations inside. `body` must give the same result both
/// times: generators it uses are captured as copies. Everything that needs a gradient, parameters included, must be
/// among `inputs`. Source: Chen et al. 2016, arXiv:1604.06174.
public func checkpoint(_ inputs: [Tensor], _ body: @escaping @Sendable ([Tensor]) -> Tensor) -> Tensor {
    let constants = inputs.map(\.detached)
    let result = withoutGradient { body(constants) }
    let isNeeded = inputs.map(\.requiresGradient)
    return result.recorded("checkpoint", from: inputs) { dy, gradientsOfInputs in
        let leaves = zip(constants, isNeeded).map { $1 ? $0.asLeaf() : $0 }
        let again = body(leaves)
        let needed = leaves.indices.filter { isNeeded[$0] }
        let found = gradients(of: again, outputGradient: dy, withRespectTo: needed.map { leaves[$0] })
        for (index, gradient) in zip(needed, found) {
            if let gradient { gradientsOfInputs.add(gradient, to: index) }
        }
    }
}
