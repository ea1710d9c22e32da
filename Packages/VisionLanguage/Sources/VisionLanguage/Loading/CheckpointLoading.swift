public import TensorCore
public import TensorNN

/// A model in which one matrix stands under two names in weight files.
public protocol WeightTying {
    /// The second name of a parameter, and the parameter's own.
    var tiedWeights: [String: String] { get }
}

extension Decoder: WeightTying {
    public var tiedWeights: [String: String] {
        configuration.tiesEmbeddings ? ["lm_head.weight": "model.embed_tokens.weight"] : [:]
    }
}

extension VisionLanguageModel: WeightTying {
    public var tiedWeights: [String: String] { decoder.tiedWeights }
}

/// How strictly, and in what form, weights are taken over.
public struct LoadingOptions: Sendable {
    /// Parameters that keep their values when the file does not have them, by full name.
    public var mayBeAbsent: @Sendable (String) -> Bool = { _ in false }
    /// Tensors of the file that are left aside and listed.
    public var mayBeUnused: @Sendable (String) -> Bool = { _ in false }
    /// When both names of a tied matrix are in the file with different values: which one counts. nil refuses the file.
    public var winnerOfTies: TieWinner?
    /// Whether matrices of linear layers and embeddings stay in the stored type, on the mapped file, for inference.
    /// Everything else is `float32`.
    public var keepsStoredMatrices = false

    public enum TieWinner: Sendable {
        case parameter
        case secondName
    }

    public init() {}
}

/// What was loaded.
public struct LoadingReport: Sendable, Equatable {
    public var file: String
    public var format: String
    public var wrappings: [Checkpoint.Wrapping]
    public var tensorCount = 0
    public var elementCount = 0
    /// Tensors by the type they were stored in.
    public var storedTypes: [DType: Int] = [:]
    /// Parameters left as they were, because the caller allowed it.
    public var absent: [String] = []
    /// Tensors of the file left aside, because the caller allowed it.
    public var unused: [String] = []
    /// Second names that the file does not have; the matrix is the tied one.
    public var tied: [String] = []
}

extension Module {
    /// Replaces all parameters by the tensors of a checkpoint, or changes nothing and throws.
    ///
    /// Names, shapes and finiteness are compared both ways before anything is touched. `float32` tensors stay on the
    /// mapped file until they are written.
    ///
    /// - Throws: ``CheckpointMismatch`` with everything that does not fit.
    @discardableResult
    public mutating func load(_ checkpoint: Checkpoint, _ options: LoadingOptions = .init()) throws -> LoadingReport {
        let tied = (self as? any WeightTying)?.tiedWeights ?? [:]
        let (report, mismatch, weights) = compare(checkpoint, options, tied)
        guard mismatch.isEmpty else { throw mismatch }

        var matrices = StoredMatrixVisitor()
        if options.keepsStoredMatrices { try visitParameters(&matrices) }
        updateParameters { name, parameter in
            guard let tensor = weights[name] else { return }
            let stays = matrices.names.contains(name) && (tensor.dtype == .float16 || tensor.dtype == .bfloat16)
            parameter.value = stays ? tensor : tensor.converted(to: .float32)
            if stays { parameter.isTrainable = false }
        }
        return report
    }

    /// What does not fit between a checkpoint and this model; nil when all does.
    public func mismatch(with checkpoint: Checkpoint, _ options: LoadingOptions = .init()) -> CheckpointMismatch? {
        let tied = (self as? any WeightTying)?.tiedWeights ?? [:]
        let mismatch = compare(checkpoint, options, tied).mismatch
        return mismatch.isEmpty ? nil : mismatch
    }

    private func compare(
        _ checkpoint: Checkpoint, _ options: LoadingOptions, _ tied: [String: String]
    ) -> (report: LoadingReport, mismatch: CheckpointMismatch, weights: [String: Tensor]) {
        var mismatch = CheckpointMismatch(file: checkpoint.url.path)
        mismatch.layout = checkpoint.layout
        var report = LoadingReport(
            file: checkpoint.url.path, format: checkpoint.format, wrappings: checkpoint.wrappings)
        var weights = checkpoint.tensors
        var unused = Set(weights.keys)

        // one matrix under two names
        for (second, name) in tied.sorted(by: { $0.key < $1.key }) {
            unused.remove(second)
            guard let other = weights.removeValue(forKey: second) else {
                if weights[name] == nil, !options.mayBeAbsent(name) {
                    mismatch.missing.append(second)
                } else {
                    report.tied.append(second)
                }
                continue
            }
            guard let own = weights[name] else {
                weights[name] = other
                continue
            }
            report.storedTypes[other.dtype, default: 0] += 1
            report.tensorCount += 1
            guard !own.hasSameElements(as: other) else { continue }
            switch options.winnerOfTies {
            case .parameter: break
            case .secondName: weights[name] = other
            case nil: mismatch.conflicting += [second, name]
            }
        }

        forEachParameter { name, parameter in
            guard let tensor = weights[name] else {
                if options.mayBeAbsent(name) { report.absent.append(name) } else { mismatch.missing.append(name) }
                return
            }
            unused.remove(name)
            if tensor.shape != parameter.value.shape {
                mismatch.wrongShapes.append(.init(name: name, found: tensor.shape, expected: parameter.value.shape))
            } else if !tensor.dtype.isFloatingPoint || !tensor.isFinite {
                mismatch.notFinite.append(name)
            }
            report.tensorCount += 1
            report.elementCount += tensor.elementCount
            report.storedTypes[tensor.dtype, default: 0] += 1
        }
        report.unused = unused.filter(options.mayBeUnused).sorted()
        mismatch.unexpected = unused.filter { !options.mayBeUnused($0) }.sorted()
        mismatch.missing.sort()
        return (report, mismatch, weights)
    }
}

extension Tensor {
    /// Whether type, shape and bytes are the same.
    fileprivate func hasSameElements(as other: Tensor) -> Bool {
        guard shape == other.shape else { return false }
        if dtype == other.dtype, dtype == .float32 { return elements() == other.elements() }
        return floats == other.floats
    }
}

/// Finds the matrices that may stay in a stored type: of linear layers and embeddings.
private struct StoredMatrixVisitor: ParameterVisitor {
    var scope: [String] = []
    var names: Set<String> = []

    func visitParameter(_ name: String, _ parameter: inout Parameter) {}

    mutating func willVisit<M: Module>(_ name: String, _ module: inout M) throws {
        if module is Linear || module is Embedding { names.insert(name + ".weight") }
    }
}
