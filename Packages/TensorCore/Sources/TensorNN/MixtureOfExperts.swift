public import TensorCore

/// A feed-forward part that sends each token through the experts its router prefers.
///
///     p = softmax(x W_gateᵀ);  w = the k largest of p, normalized if asked;  y = Σ w_e FFN_e(x) + Σ shared FFN_s(x)
///
/// Sources: Shazeer et al. 2017, arXiv:1701.06538; shared experts: Dai et al. 2024, arXiv:2401.06066. Names of MiniMind.
public struct MixtureOfExperts: Module {
    /// A loss that keeps the router from sending everything to one expert. The choices themselves carry no gradient.
    public enum AuxiliaryLoss: Sendable, Hashable, Codable {
        /// No loss.
        case none
        /// α · mean over sequences of Σ_e c_e p̄_e, with c_e = choices of e · E / (T k), p̄ the mean over the sequence.
        case perSequence(Float)
        /// α · Σ_e f_e P_e, with f_e = E · share of all choices, P_e the mean over all tokens.
        case perBatch(Float)
        /// c · E · Σ_slots Σ_e load_e P_e, load_e the share of tokens that chose e in the slot.
        case perSlot(Float)
    }

    /// `[experts, hiddenSize]`.
    public var router: Linear
    public var experts: [GatedMLP]
    public var sharedExperts: [GatedMLP]
    public let expertsPerToken: Int
    public let normalizesWeights: Bool
    public let auxiliaryLoss: AuxiliaryLoss

    public init(
        hiddenSize: Int, intermediateSize: Int, expertCount: Int, expertsPerToken: Int, sharedExpertCount: Int = 0,
        normalizesWeights: Bool = true, auxiliaryLoss: AuxiliaryLoss,
        initialization: Initialization = .uniformByInputSize, using generator: inout some RandomNumberGenerator
    ) {
        require(
            expertsPerToken > 0 && expertsPerToken <= expertCount, "\(expertsPerToken) of \(expertCount) experts")
        let sizes = (hiddenSize, intermediateSize)
        experts = Self.draw(expertCount, sizes, initialization, using: &generator)
        router = Linear(hiddenSize, expertCount, bias: false, initialization: initialization, using: &generator)
        sharedExperts = Self.draw(sharedExpertCount, sizes, initialization, using: &generator)
        self.expertsPerToken = expertsPerToken
        self.normalizesWeights = normalizesWeights
        self.auxiliaryLoss = auxiliaryLoss
    }

    private static func draw(
        _ count: Int, _ sizes: (hidden: Int, intermediate: Int), _ initialization: Initialization,
        using generator: inout some RandomNumberGenerator
    ) -> [GatedMLP] {
        var experts: [GatedMLP] = []
        for _ in 0..<count {
            experts.append(
                GatedMLP(
                    hiddenSize: sizes.hidden, intermediateSize: sizes.intermediate, initialization: initialization,
                    using: &generator))
        }
        return experts
    }

    /// - Parameter x: `[batch, tokens, hiddenSize]`.
    /// - Returns: The output of the same shape, and the auxiliary loss, a scalar (0 for ``AuxiliaryLoss/none``).
    public func callAsFunction(_ x: Tensor) -> (output: Tensor, auxiliaryLoss: Tensor) {
        let (batch, tokens, width) = (x.shape[0], x.shape[1], x.shape[2])
        let rows = x.reshaped([batch * tokens, width])
        let probabilities = router(rows).softmax()
        let (chosen, columns) = probabilities.top(expertsPerToken)
        let weights =
            normalizesWeights ? chosen / (chosen.sum(axes: [1], keepingDimensions: true) + 1e-20) : chosen
        let slotWeights = weights.reshaped([batch * tokens * expertsPerToken, 1])

        // each expert works on its own tokens; the results are added in the order of the experts
        var output: Tensor?
        for (index, expert) in experts.enumerated() {
            let slots = columns.indices.filter { columns[$0] == index }
            guard !slots.isEmpty else { continue }
            let tokensOfExpert = slots.map { $0 / expertsPerToken }
            let y = expert(rows.gatheringRows(tokensOfExpert)) * slotWeights.gatheringRows(slots)
            let spread = y.scatteringRows(to: tokensOfExpert, rowCount: batch * tokens)
            output = output.map { $0 + spread } ?? spread
        }
        var sum = output ?? Tensor.zeros(rows.shape)
        for expert in sharedExperts { sum = sum + expert(rows) }
        return (sum.reshaped(x.shape.sizes), loss(probabilities, columns, batch: batch, tokens: tokens))
    }

    private func loss(_ probabilities: Tensor, _ columns: [Int], batch: Int, tokens: Int) -> Tensor {
        let count = experts.count
        switch auxiliaryLoss {
        case .none:
            return Tensor(0)
        case .perSequence(let alpha):
            var shares = [Float](repeating: 0, count: batch * count)
            let unit = Float(count) / Float(tokens * expertsPerToken)
            for (slot, expert) in columns.enumerated() {
                shares[slot / (tokens * expertsPerToken) * count + expert] += unit
            }
            let weighted = probabilities.reshaped([batch, tokens, count]) * Tensor(shares, [batch, 1, count])
            return weighted.sum() * (alpha / Float(batch * tokens))
        case .perBatch(let alpha):
            return weightedMeans(probabilities, columns) * (alpha * Float(count) / Float(columns.count))
        case .perSlot(let coefficient):
            return weightedMeans(probabilities, columns) * (coefficient * Float(count) / Float(batch * tokens))
        }
    }

    /// Σ_e choices of e · mean probability of e.
    private func weightedMeans(_ probabilities: Tensor, _ columns: [Int]) -> Tensor {
        var choices = [Float](repeating: 0, count: experts.count)
        for expert in columns { choices[expert] += 1 }
        return (probabilities.mean(axes: [0]) * Tensor(choices)).sum()
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("gate", &router)
        try visitor.visit("experts", &experts)
        try visitor.visit("shared_experts", &sharedExperts)
    }
}
