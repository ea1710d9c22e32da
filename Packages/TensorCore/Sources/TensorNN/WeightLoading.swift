public import TensorCore

/// What a weight file and a model do not agree on.
public struct WeightMismatch: Error, Sendable, Equatable, CustomStringConvertible {
    public struct WrongShape: Sendable, Equatable {
        public var name: String
        public var found: Shape
        public var expected: Shape

        public init(name: String, found: Shape, expected: Shape) {
            (self.name, self.found, self.expected) = (name, found, expected)
        }
    }

    /// Parameters that the file does not have.
    public var missing: [String] = []
    /// Tensors that the model has no place for.
    public var unexpected: [String] = []
    public var wrongShapes: [WrongShape] = []
    /// Tensors with NaN or infinite elements.
    public var notFinite: [String] = []

    public init(
        missing: [String] = [], unexpected: [String] = [], wrongShapes: [WrongShape] = [], notFinite: [String] = []
    ) {
        self.missing = missing
        self.unexpected = unexpected
        self.wrongShapes = wrongShapes
        self.notFinite = notFinite
    }

    public var isEmpty: Bool { missing.isEmpty && unexpected.isEmpty && wrongShapes.isEmpty && notFinite.isEmpty }

    public var description: String {
        var lines = ["The weights do not fit the model; nothing was loaded."]
        func list(_ title: String, _ names: [String]) {
            guard !names.isEmpty else { return }
            let shown = names.prefix(8).joined(separator: ", ")
            lines.append("  \(title) (\(names.count)): \(shown)\(names.count > 8 ? ", …" : "")")
        }
        list("missing", missing)
        list("no place in the model for", unexpected)
        list("wrong shape", wrongShapes.map { "\($0.name) is \($0.found), expected \($0.expected)" })
        list("NaN or infinite", notFinite)
        lines.append("Check that the configuration belongs to these weights; list what may be absent by name.")
        return lines.joined(separator: "\n")
    }
}

/// What was loaded.
public struct WeightReport: Sendable, Equatable {
    public var tensorCount = 0
    public var elementCount = 0
    /// Tensors by the type they were stored in.
    public var storedTypes: [DType: Int] = [:]
    /// Parameters left as they were, because the caller allowed it.
    public var absent: [String] = []
}

extension Module {
    /// Replaces all parameters by tensors of the same names, or changes nothing and throws.
    ///
    /// Names and shapes are compared both ways before anything is touched, and every element must be finite. Values are
    /// converted to `float32`.
    ///
    /// - Parameters:
    ///   - weights: By the parameters' names.
    ///   - mayBeAbsent: Names of parameters that may keep their values when the file does not have them.
    /// - Throws: ``WeightMismatch`` with everything that does not fit.
    @discardableResult
    public mutating func load(
        _ weights: [String: Tensor], mayBeAbsent: (String) -> Bool = { _ in false }
    ) throws -> WeightReport {
        var mismatch = WeightMismatch()
        var report = WeightReport()
        var unused = Set(weights.keys)
        forEachParameter { name, parameter in
            guard let tensor = weights[name] else {
                if mayBeAbsent(name) { report.absent.append(name) } else { mismatch.missing.append(name) }
                return
            }
            unused.remove(name)
            if tensor.shape != parameter.value.shape {
                mismatch.wrongShapes.append(.init(name: name, found: tensor.shape, expected: parameter.value.shape))
            } else if !tensor.isFinite {
                mismatch.notFinite.append(name)
            }
            report.tensorCount += 1
            report.elementCount += tensor.elementCount
            report.storedTypes[tensor.dtype, default: 0] += 1
        }
        mismatch.unexpected = unused.sorted()
        guard mismatch.isEmpty else { throw mismatch }
        updateParameters { name, parameter in
            if let tensor = weights[name] { parameter.value = tensor.converted(to: .float32) }
        }
        return report
    }
}
