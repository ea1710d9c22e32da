public import FileSupport
public import TensorCore
public import TensorNN

/// The sizes and choices of a ``Decoder``.
///
/// The defaults are MiniMind's of 2025 ("07"), 512 wide with 8 layers; ``miniMind26(hiddenSize:layerCount:experts:)``
/// gives those of 2026 ("26").
public struct DecoderConfiguration: Sendable, Hashable, Codable {
    public var vocabularySize = 6400
    public var hiddenSize = 512
    public var layerCount = 8
    public var headCount = 8
    /// Heads of keys and values; each serves `headCount / keyValueHeadCount` consecutive query heads.
    public var keyValueHeadCount = 2
    /// Elements of a head, even.
    public var headSize = 64
    /// Width inside the feed-forward part.
    public var intermediateSize = 1408
    /// ε of all norms.
    public var normEpsilon: Float = 1e-5
    /// Whether queries and keys are normalized before they are rotated, as in "26".
    public var normalizesQueriesAndKeys = false
    /// θ of the rotary embedding.
    public var rotaryBase: Float = 1e6
    /// Tokens a sequence may have: the length of the rotary table.
    public var positionCount = 32_768
    /// Longer texts than the model was trained on; in use when `positionCount` is larger than YaRN's original length.
    public var yarn: RotaryTable.YaRN?
    /// Whether the output layer is the embedding table.
    public var tiesEmbeddings = true
    /// Mixture of experts in place of the dense feed-forward parts.
    public var experts: Experts?
    /// Probability of dropout in training: of attention probabilities, attention output and embeddings.
    public var dropout: Float = 0
    /// Whether the output of the feed-forward part is dropped out too, as in "07".
    public var dropsFeedForward = true
    public var initialization = Initialization.uniformByInputSize
    /// Ids that begin, end and fill a sequence.
    public var beginID = 1
    public var endID = 2
    public var paddingID = 0

    /// The experts of a layer.
    public struct Experts: Sendable, Hashable {
        /// Experts that the router chooses from.
        public var count = 4
        public var perToken = 2
        /// Experts that every token passes.
        public var sharedCount = 1
        /// Width inside an expert; nil for the decoder's.
        public var intermediateSize: Int?
        /// Whether the weights of the chosen experts are made to add up to 1.
        public var normalizesWeights = true
        public var auxiliaryLoss = MixtureOfExperts.AuxiliaryLoss.perSequence(0.1)

        /// MiniMind's of 2025: 2 of 4 and a shared one.
        public init() {}

        /// MiniMind's of 2026: 1 of 4.
        public static var miniMind26: Experts {
            var result = Experts()
            (result.perToken, result.sharedCount, result.auxiliaryLoss) = (1, 0, .perSlot(5e-4))
            return result
        }
    }

    public init() {}

    /// MiniMind of 2025: 8 heads over 2 of keys and values, every width from `hiddenSize`.
    public static func miniMind07(
        hiddenSize: Int = 512, layerCount: Int = 8, experts: Experts? = nil
    ) -> DecoderConfiguration {
        var result = DecoderConfiguration()
        result.hiddenSize = hiddenSize
        result.layerCount = layerCount
        result.headSize = hiddenSize / result.headCount
        result.intermediateSize = intermediateSize07(hiddenSize)
        result.experts = experts
        return result
    }

    /// MiniMind of 2026: 8 heads over 4, query and key norms, no dropout of the feed-forward part.
    public static func miniMind26(
        hiddenSize: Int = 768, layerCount: Int = 8, experts: Experts? = nil
    ) -> DecoderConfiguration {
        var result = DecoderConfiguration()
        result.hiddenSize = hiddenSize
        result.layerCount = layerCount
        result.keyValueHeadCount = 4
        result.headSize = hiddenSize / result.headCount
        result.intermediateSize = intermediateSize26(hiddenSize)
        result.normEpsilon = 1e-6
        result.normalizesQueriesAndKeys = true
        result.dropsFeedForward = false
        result.initialization = .normal(standardDeviation: 0.02)
        result.experts = experts
        return result
    }

    /// `64 · ceil(floor(8H/3) / 64)`: 1408 for 512.
    static func intermediateSize07(_ hiddenSize: Int) -> Int { (8 * hiddenSize / 3 + 63) / 64 * 64 }

    /// `64 · ceil(H π / 64)`: 2432 for 768.
    static func intermediateSize26(_ hiddenSize: Int) -> Int {
        Int((Double(hiddenSize) * Double.pi / 64).rounded(.up)) * 64
    }

    /// Number of parameters, the tied output layer counted once.
    public var parameterCount: Int {
        let (h, d) = (hiddenSize, headSize)
        var layer = 2 * headCount * d * h + 2 * keyValueHeadCount * d * h + 2 * h
        if normalizesQueriesAndKeys { layer += 2 * d }
        if let experts {
            let width = experts.intermediateSize ?? intermediateSize
            layer += (experts.count + experts.sharedCount) * 3 * h * width + experts.count * h
        } else {
            layer += 3 * h * intermediateSize
        }
        return (tiesEmbeddings ? 1 : 2) * vocabularySize * h + layerCount * layer + h
    }

    /// - Throws: ``ConfigurationError`` when the sizes do not fit each other.
    public func validate() throws {
        let sizes = [
            ("vocabularySize", vocabularySize), ("hiddenSize", hiddenSize), ("layerCount", layerCount),
            ("headCount", headCount), ("keyValueHeadCount", keyValueHeadCount), ("headSize", headSize),
            ("intermediateSize", intermediateSize), ("positionCount", positionCount),
        ]
        for (name, size) in sizes where size <= 0 || size > 1 << 24 {
            throw ConfigurationError("\(name) is \(size)", advice: "It has to be from 1 to 2²⁴.")
        }
        do throws(SettingError) { try SettingsCheck(file: "").check(self) } catch {
            throw ConfigurationError("\(error.field) \(error.found)", advice: "Allowed is \(error.allowed).")
        }
        // bounds on what a wrong file can make allocate
        let expertCount = (experts?.count ?? 0) + (experts?.sharedCount ?? 0)
        guard layerCount <= 1024, expertCount <= 4096, layerCount * max(expertCount, 1) <= 1 << 16 else {
            throw ConfigurationError(
                "\(layerCount) layers of \(expertCount) experts",
                advice: "At most 1024 layers and 65536 experts in all.")
        }
        guard positionCount * headSize <= 1 << 28 else {
            throw ConfigurationError(
                "\(positionCount) positions for heads of \(headSize)", advice: "Their product is at most 2²⁸.")
        }
        guard headCount % keyValueHeadCount == 0 else {
            throw ConfigurationError(
                "\(headCount) query heads over \(keyValueHeadCount) heads of keys and values",
                advice: "The first has to be a multiple of the second.")
        }
        guard headSize % 2 == 0 else {
            throw ConfigurationError("a head size of \(headSize)", advice: "Rotation needs an even one.")
        }
        guard dropout >= 0, dropout < 1 else {
            throw ConfigurationError("a dropout of \(dropout)", advice: "It has to be at least 0 and less than 1.")
        }
        if let experts, experts.perToken < 1 || experts.perToken > experts.count || experts.sharedCount < 0 {
            throw ConfigurationError(
                "\(experts.perToken) of \(experts.count) experts a token, \(experts.sharedCount) shared",
                advice: "Between one and all of them.")
        }
    }
}

extension DecoderConfiguration: CheckedSettings {
    /// The ranges of single values; ``validate()`` also checks what they mean together.
    public func check(_ check: SettingsCheck) throws(SettingError) {
        try check.check("experts.count", experts?.count, in: 1...4096)
        try check.check("experts.perToken", experts?.perToken, in: 1...4096)
        try check.check("experts.sharedCount", experts?.sharedCount, in: 0...4096)
        try check.check("experts.intermediateSize", experts?.intermediateSize, in: 1...1 << 24)
        try check.check("normEpsilon", normEpsilon, in: 0...1)
        try check.check("rotaryBase", Double(rotaryBase), above: 0, upTo: 1e12)
        try check.check("beginID", beginID, in: -1...1 << 24)
        try check.check("endID", endID, in: -1...1 << 24)
        try check.check("paddingID", paddingID, in: -1...1 << 24)
        guard let yarn else { return }
        try check.check("yarn.originalPositionCount", yarn.originalPositionCount, in: 1...1 << 24)
        try check.check("yarn.factor", Double(yarn.factor), above: 0, upTo: 65_536)
        try check.check("yarn.betaFast", Double(yarn.betaFast), above: 0, upTo: 65_536)
        try check.check("yarn.betaSlow", Double(yarn.betaSlow), above: 0, upTo: 65_536)
        try check.check("yarn.attentionFactor", Double(yarn.attentionFactor), above: 0, upTo: 65_536)
    }
}

/// A configuration that no model can have, or that is not supported.
public struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    public let found: String
    public let advice: String
    /// The file it was read from, where one is known.
    public var file: String?

    public init(_ found: String, advice: String, file: String? = nil) {
        self.found = found
        self.advice = advice
        self.file = file
    }

    public var description: String { "The configuration\(file.map { " " + $0 } ?? "") has \(found). \(advice)" }
}
