/// The name of a suite of perturbed tasks: `plus:camera:libero_goal`, `pro:swap:libero_10`, `cf:libero_object`,
/// `para:libero_goal`, with `:published` or `:clean` behind it for the other arms.
public struct VariantSuiteName: Hashable, Sendable, CustomStringConvertible {
    /// What is perturbed.
    public enum Kind: Hashable, Sendable, CustomStringConvertible {
        /// An axis of LIBERO-Plus.
        case plus(LiberoPlusName.Axis)
        /// An axis of LIBERO-PRO.
        case pro(LiberoProAxis)
        /// Instructions to move another object to the task's place.
        case counterfactual
        /// LIBERO-Para's sentences.
        case paraphrase

        public var description: String {
            switch self {
            case .plus(let axis): "plus:\(axis.rawValue)"
            case .pro(let axis): "pro:\(axis.rawValue)"
            case .counterfactual: "cf"
            case .paraphrase: "para"
            }
        }

        /// All kinds, for messages.
        public static let all: [Kind] =
            LiberoPlusName.Axis.allCases.map { .plus($0) } + LiberoProAxis.allCases.map { .pro($0) }
            + [.counterfactual, .paraphrase]
    }

    /// How the tasks are run; every result states it.
    public enum Arm: String, CaseIterable, Hashable, Codable, Sendable {
        /// What the variant's documentation says.
        case intended
        /// What its released code does.
        case published
        /// The same tasks, rows and seeds with the perturbation removed and the plain instruction.
        case clean
    }

    public var kind: Kind
    /// The suite of LIBERO that is perturbed.
    public var base: String
    public var arm: Arm

    public init(_ kind: Kind, base: String, arm: Arm = .intended) {
        (self.kind, self.base, self.arm) = (kind, base, arm)
    }

    /// Reads a name; nil for one of another form, so that other suites may have any name.
    public init?(_ text: String) {
        var parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)[...]
        let kinds = Kind.all.filter { text.hasPrefix("\($0):") }
        guard let kind = kinds.first else { return nil }
        parts = parts.dropFirst("\(kind)".split(separator: ":").count)
        guard let base = parts.popFirst(), LiberoSuite.builtIn.contains(where: { $0.name == base }) else { return nil }
        var arm = Arm.intended
        if let word = parts.popFirst() {
            guard let found = Arm(rawValue: word), found != .intended else { return nil }
            arm = found
        }
        guard parts.isEmpty else { return nil }
        self.init(kind, base: base, arm: arm)
    }

    public var description: String { "\(kind):\(base)" + (arm == .intended ? "" : ":\(arm.rawValue)") }

    /// The arm that the published and the intended one are compared with.
    public var clean: VariantSuiteName { VariantSuiteName(kind, base: base, arm: .clean) }
}
