public import TensorCore
public import Testing

/// Gradients by central differences in `Double`: (f(x + h) − f(x − h)) / 2h for every element of every input.
///
/// - Parameters:
///   - inputs: Row-major elements of each input.
///   - step: h, times max(1, |x|).
///   - function: The scalar function of all inputs.
public func centralDifferences(
    of inputs: [[Double]], step: Double = 1e-5, _ function: ([[Double]]) -> Double
) -> [[Double]] {
    var inputs = inputs
    return inputs.indices.map { input in
        inputs[input].indices.map { element in
            let x = inputs[input][element]
            let h = step * max(1, abs(x))
            inputs[input][element] = x + h
            let above = function(inputs)
            inputs[input][element] = x - h
            let below = function(inputs)
            inputs[input][element] = x
            return (above - below) / (2 * h)
        }
    }
}

/// Compares the gradient of an operation with central differences of a `Double` version of it.
///
/// The output is made a scalar by fixed weights, so that every output element counts differently.
///
/// - Parameters:
///   - inputs: The inputs whose gradients are compared.
///   - tolerance: How far the gradients may differ.
///   - operation: The operation under test.
///   - reference: The same in `Double`: row-major elements of the inputs → of the output.
///   - sourceLocation: Where an issue is shown.
public func expectGradients(
    of inputs: [Tensor], within tolerance: Tolerance = .gradient, _ operation: ([Tensor]) -> Tensor,
    reference: ([[Double]]) -> [Double], sourceLocation: SourceLocation = #_sourceLocation
) {
    let leaves = inputs.map { $0.asLeaf() }
    let output = operation(leaves)
    let weights = (0..<output.elementCount).map { index -> Float in
        let size = 0.3 + 0.7 * Float((index * 37) % 11) / 11
        return index % 3 == 0 ? -size : size
    }
    let doubles = inputs.map { $0.floats.map { Double($0) } }

    // the values agree first
    expectClose(
        output.floats.map { Double($0) }, reference(doubles), within: .init(relative: 1e-4, absolute: 1e-5), "value",
        sourceLocation: sourceLocation)

    let expected = centralDifferences(of: doubles) { inputs in
        var sum = 0.0
        for (value, weight) in zip(reference(inputs), weights) { sum += value * Double(weight) }
        return sum
    }
    let found = gradients(of: output, outputGradient: Tensor(weights, output.shape), withRespectTo: leaves)
    for (index, (gradient, numerical)) in zip(found, expected).enumerated() {
        guard let gradient else {
            Issue.record("input \(index) has no gradient", sourceLocation: sourceLocation)
            continue
        }
        expectClose(
            gradient.floats.map { Double($0) }, numerical, within: tolerance, "gradient of input \(index)",
            sourceLocation: sourceLocation)
    }
}
