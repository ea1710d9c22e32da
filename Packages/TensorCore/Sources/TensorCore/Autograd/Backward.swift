/// Gradients of a scalar with respect to leaves.
///
/// Walks the graph from `output` in the reverse order of its recording and takes it apart on the way: activations are
/// freed as soon as their gradient is computed, and the graph cannot be used a second time.
///
/// - Parameters:
///   - output: A recorded tensor; a scalar unless `outputGradient` is given.
///   - outputGradient: The gradient that arrives at `output`; 1 by default.
///   - leaves: Tensors made by ``Tensor/asLeaf()``.
/// - Returns: One gradient per leaf; nil for a leaf that `output` does not depend on.
public func gradients(
    of output: Tensor, outputGradient: Tensor? = nil, withRespectTo leaves: [Tensor]
) -> [Tensor?] {
    require(
        outputGradient != nil || output.elementCount == 1, "gradient of a tensor of shape \(output.shape), not a scalar"
    )
    var pass = BackwardPass()
    if let node = output.node {
        pass.start(at: node, with: outputGradient ?? .ones(output.shape))
        pass.run()
    }
    return leaves.map { leaf in
        guard let node = leaf.node else { fatalError("gradients: a tensor of \(leaf.shape) is not a leaf") }
        return pass.gradients[ObjectIdentifier(node)]
    }
}

/// The state of one backward pass: gradients that have arrived, and nodes still to visit, highest number first.
struct BackwardPass {
    var gradients: [ObjectIdentifier: Tensor] = [:]
    private var queue = NodeHeap()

    mutating func start(at node: GradientNode, with gradient: Tensor) {
        gradients[ObjectIdentifier(node)] = gradient
        queue.insert(node)
    }

    mutating func run() {
        while let node = queue.removeHighest() {
            if node.isLeaf { continue }
            let edges = node.takeEdges()
            guard let backward = edges.backward else {
                fatalError("the graph of '\(edges.operation)' was used by an earlier backward pass")
            }
            guard let gradient = gradients.removeValue(forKey: ObjectIdentifier(node)) else { continue }

            // the operation adds to the gradients of its inputs in place
            var inputs = InputGradients(inputs: edges.inputs, gradients: gradients)
            gradients = [:]
            Profiler.resuming(module: edges.module) {
                Profiler.measure(edges.operation, phase: .backward, shape: gradient.shape) {
                    backward(gradient, &inputs)
                }
                if Profiler.isRunning {
                    let elements = inputs.inputs.reduce(gradient.elementCount) {
                        $0 + ($1.flatMap { inputs.gradients[ObjectIdentifier($0)]?.elementCount } ?? 0)
                    }
                    Profiler.addBackward(edges.operation, bytes: 4 * elements)
                }
            }
            swap(&gradients, &inputs.gradients)
            for input in edges.inputs {
                if let input { queue.insert(input) }
            }
        }
    }
}

/// A binary heap of nodes by number, without duplicates.
private struct NodeHeap {
    private var nodes: [GradientNode] = []
    private var present: Set<UInt64> = []

    mutating func insert(_ node: GradientNode) {
        guard present.insert(node.number).inserted else { return }
        nodes.append(node)
        var child = nodes.count - 1
        while child > 0, nodes[(child - 1) / 2].number < nodes[child].number {
            nodes.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func removeHighest() -> GradientNode? {
        guard let highest = nodes.first else { return nil }
        let last = nodes.removeLast()
        present.remove(highest.number)
        if !nodes.isEmpty {
            nodes[0] = last
            var parent = 0
            while true {
                var child = 2 * parent + 1
                guard child < nodes.count else { break }
                if child + 1 < nodes.count, nodes[child + 1].number > nodes[child].number { child += 1 }
                guard nodes[parent].number < nodes[child].number else { break }
                nodes.swapAt(parent, child)
                parent = child
            }
        }
        return highest
    }
}
