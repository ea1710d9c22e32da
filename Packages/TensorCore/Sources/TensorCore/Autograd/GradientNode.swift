import Synchronization

/// A recorded tensor's place in the graph: what it was computed from and how its gradient reaches those inputs.
///
/// Nodes are numbered in the order of their creation, so an input always has a smaller number than what is computed
/// from it, and the reverse order of numbers is an order for the backward pass.
public final class GradientNode: Sendable {
    typealias Backward = @Sendable (_ outputGradient: Tensor, _ inputs: inout InputGradients) -> Void

    struct Edges {
        var operation: String
        /// The module that recorded the operation, for the profiler.
        var module: String
        /// One per input of the operation; nil for inputs that are constants.
        var inputs: [GradientNode?]
        var backward: Backward?
    }

    private static let created = Atomic<UInt64>(0)

    let number: UInt64
    private let edges: Mutex<Edges>

    /// A leaf: a tensor whose gradient is asked for.
    public convenience init() { self.init(operation: "leaf", inputs: [], backward: nil) }

    init(operation: String, inputs: [GradientNode?], backward: Backward?) {
        number = Self.created.add(1, ordering: .relaxed).newValue
        edges = Mutex(
            Edges(operation: operation, module: Profiler.currentModule, inputs: inputs, backward: backward))
    }

    var isLeaf: Bool { edges.withLock { $0.backward == nil && $0.inputs.isEmpty } }

    var inputs: [GradientNode?] { edges.withLock { $0.inputs } }

    /// Hands the edges out and forgets them, so that activations are freed while the graph unwinds.
    func takeEdges() -> Edges {
        edges.withLock { edges in
            let taken = edges
            edges.backward = nil
            edges.inputs = []
            return taken
        }
    }

    /// A long chain of nodes is taken apart by a loop; the compiler's own release would recurse once per node.
    deinit {
        var pending = takeEdges().inputs
        while !pending.isEmpty {
            guard var node = pending.removeLast() else { continue }
            if isKnownUniquelyReferenced(&node) { pending.append(contentsOf: node.takeEdges().inputs) }
        }
    }
}

/// The gradients of one operation's inputs, filled by its backward function.
public struct InputGradients {
    let inputs: [GradientNode?]
    var gradients: [ObjectIdentifier: Tensor]

    /// Whether the gradient of an input is asked for; false for constants and when the input index has no node.
    public func isNeeded(_ input: Int) -> Bool { inputs[input] != nil }

    /// Adds a contribution to the gradient of an input. Ignored for inputs whose gradient is not asked for.
    public mutating func add(_ contribution: @autoclosure () -> Tensor, to input: Int) {
        guard let node = inputs[input] else { return }
        add(contribution(), toNode: node)
    }

    /// Lets `body` write (`isFirst`) or add (`!isFirst`) its contribution to the gradient of an input, in place.
    ///
    /// `body` gets the row-major elements; when `isFirst` they are not initialized and all must be written.
    mutating func accumulate(
        to input: Int, shape: Shape, _ body: (_ gradient: UnsafeMutablePointer<Float>, _ isFirst: Bool) -> Void
    ) {
        guard let node = inputs[input] else { return }
        let key = ObjectIdentifier(node)
        if var present = gradients.removeValue(forKey: key) {
            require(present.shape == shape, "gradient of shape \(present.shape) meets \(shape)")
            present.withMutablePointer(of: Float.self) { body($0, false) }
            gradients[key] = present
        } else {
            var fresh = Tensor.uninitialized(shape)
            fresh.withMutablePointer(of: Float.self) { body($0, true) }
            gradients[key] = fresh
        }
    }

    mutating func add(_ contribution: Tensor, toNode node: GradientNode) {
        let key = ObjectIdentifier(node)
        guard var present = gradients.removeValue(forKey: key) else {
            gradients[key] = contribution.detached
            return
        }
        present.add(contribution)
        gradients[key] = present
    }
}

extension Tensor {
    /// The same values as a leaf of a new graph: a tensor whose gradient can be asked for.
    public func asLeaf() -> Tensor {
        var result = self
        result.node = GradientNode()
        return result
    }

    /// Records this result of an operation, unless every input is a constant or recording is off.
    ///
    /// `backward` gets the gradient of the result and adds the gradients of the inputs, by their position in `inputs`.
    /// For operations written outside of this module too: all state it needs must be captured as constants.
    public func recorded(
        _ operation: String, from inputs: [Tensor],
        backward: @escaping @Sendable (_ outputGradient: Tensor, _ inputs: inout InputGradients) -> Void
    ) -> Tensor {
        guard GradientRecording.isOn, inputs.contains(where: { $0.node != nil }) else { return self }
        var result = self
        result.node = GradientNode(operation: operation, inputs: inputs.map(\.node), backward: backward)
        return result
    }

    /// Whether an operation on these inputs is going to be recorded, so that it must keep what its gradient needs.
    static func records(_ inputs: Tensor...) -> Bool {
        GradientRecording.isOn && inputs.contains { $0.node != nil }
    }
}

/// Switches recording off for a region.
public enum GradientRecording {
    @TaskLocal static var isOn = true

    /// Whether operations on tensors that require a gradient are recorded here.
    public static var isEnabled: Bool { isOn }
}

/// Runs `body` without recording: what it computes are constants.
public func withoutGradient<Result>(_ body: () throws -> Result) rethrows -> Result {
    try GradientRecording.$isOn.withValue(false, operation: body)
}
