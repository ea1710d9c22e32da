public import TensorCore
public import TensorNN

/// The tensors of a checkpoint, handed out by name and shape, with everything that does not fit collected.
///
/// Layers are built from what they take; ``finish(mayBeUnused:)`` then throws if a tensor was missing, had another
/// shape or a number that is not finite, or was taken by nobody. Widths are read from shapes where the configuration
/// does not state them.
public final class WeightSource {
    /// The file's name, for errors.
    public let file: String
    private let tensors: [String: Tensor]
    private var taken: Set<String> = []
    private var mismatch = WeightMismatch()
    /// What wrong shapes contradict.
    private var settings: [String] = []
    /// Whether weights stay in the type they are stored in; `float32` otherwise.
    public var keepsStoredTypes = false

    public init(_ tensors: [String: Tensor], file: String) {
        self.tensors = tensors
        self.file = file
    }

    public var names: [String] { tensors.keys.sorted() }
    public func contains(_ name: String) -> Bool { tensors[name] != nil }
    public func shape(_ name: String) -> [Int]? { tensors[name]?.shape.sizes }

    /// A tensor of a shape; sizes that are nil may be any.
    ///
    /// In place of a tensor that does not fit, a scalar is returned, which nobody may look at before
    /// ``finish(mayBeUnused:)`` throws.
    ///
    /// - Parameter setting: What the shape follows from, such as "chunk_size is 4", for the error.
    public func tensor(_ name: String, _ shape: [Int?], setting: String? = nil) -> Tensor {
        guard let tensor = tensors[name] else {
            mismatch.missing.append(name)
            return Tensor(0)
        }
        taken.insert(name)
        let fits =
            tensor.rank == shape.count && zip(tensor.shape.sizes, shape).allSatisfy { $0 == $1 ?? $0 }
            && tensor.elementCount > 0
        guard fits, tensor.dtype.isFloatingPoint else {
            let found = tensor.shape.sizes
            let expected = shape.enumerated().map { axis, size in size ?? (axis < found.count ? found[axis] : 0) }
            mismatch.wrongShapes.append(.init(name: name, found: tensor.shape, expected: Shape(expected)))
            if let setting { settings.append(setting) }
            return Tensor(0)
        }
        if keepsStoredTypes, tensor.dtype != .float32, tensor.rank == 2 { return tensor }
        let floats = tensor.converted(to: .float32)
        if !floats.isFinite { mismatch.notFinite.append(name) }
        return floats
    }

    /// As ``tensor(_:_:)`` for a tensor that may be absent.
    public func optional(_ name: String, _ shape: [Int?]) -> Tensor? {
        contains(name) ? tensor(name, shape) : nil
    }

    public func parameter(
        _ name: String, _ shape: [Int?], isTrainable: Bool = true, setting: String? = nil
    ) -> Parameter {
        Parameter(tensor(name, shape, setting: setting), isTrainable: isTrainable)
    }

    /// `name.weight` `[outputs, inputs]` and, unless `bias` is false, `name.bias`.
    public func linear(_ name: String, _ inputs: Int?, _ outputs: Int?, bias: Bool = true) -> Linear {
        let weight = tensor("\(name).weight", [outputs, inputs])
        let size = outputs ?? shape("\(name).weight")?.first
        return Linear(weight: weight, bias: bias ? tensor("\(name).bias", [size]) : nil)
    }

    public func layerNorm(_ name: String, _ size: Int?, epsilon: Float = 1e-5) -> LayerNorm {
        LayerNorm(
            weight: tensor("\(name).weight", [size]), bias: tensor("\(name).bias", [size]), epsilon: epsilon)
    }

    /// Notes that a tensor is known and has no effect.
    public func ignore(where accepts: (String) -> Bool) {
        for name in tensors.keys where accepts(name) { taken.insert(name) }
    }

    /// A shape that contradicts a setting.
    public func reportWrongShape(_ name: String, expected: [Int]) {
        guard let found = tensors[name]?.shape else { return }
        mismatch.wrongShapes.append(.init(name: name, found: found, expected: Shape(expected)))
    }

    /// - Throws: ``PeerPolicyError`` with everything that did not fit.
    public func finish() throws {
        mismatch.unexpected = tensors.keys.filter { !taken.contains($0) }.sorted()
        mismatch.missing.sort()
        guard !mismatch.isEmpty else { return }
        throw PeerPolicyError(
            .weights, file: file, key: (mismatch.missing + mismatch.wrongShapes.map(\.name)).first,
            mismatch.description.replacing("\n", with: " "),
            remedy: settings.isEmpty
                ? "Use the configuration that was saved with these weights."
                : "By the configuration \(settings.joined(separator: ", ")); use the one saved with these weights.")
    }
}
