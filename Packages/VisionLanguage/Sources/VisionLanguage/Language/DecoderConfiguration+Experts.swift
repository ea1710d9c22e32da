import FileSupport
import TensorNN

extension DecoderConfiguration.Experts: Codable {
    private enum CodingKeys: String, CodingKey {
        case count, perToken, sharedCount, intermediateSize, normalizesWeights, auxiliaryLoss
    }

    public init(from decoder: any Swift.Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init()
        count = try container.decode(Int.self, forKey: .count)
        perToken = try container.decode(Int.self, forKey: .perToken)
        sharedCount = try container.decode(Int.self, forKey: .sharedCount)
        intermediateSize = try container.decodeIfPresent(Int.self, forKey: .intermediateSize)
        normalizesWeights = try container.decode(Bool.self, forKey: .normalizesWeights)
        auxiliaryLoss = try container.decode(Loss.self, forKey: .auxiliaryLoss).value
    }

    public func encode(to encoder: any Swift.Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(count, forKey: .count)
        try container.encode(perToken, forKey: .perToken)
        try container.encode(sharedCount, forKey: .sharedCount)
        try container.encodeIfPresent(intermediateSize, forKey: .intermediateSize)
        try container.encode(normalizesWeights, forKey: .normalizesWeights)
        try container.encode(Loss(value: auxiliaryLoss), forKey: .auxiliaryLoss)
    }

    /// The loss as it is written: `{"perSequence": 0.1}`.
    private struct Loss: Codable {
        var value: MixtureOfExperts.AuxiliaryLoss

        private enum Kind: String, CodingKey {
            case none, perSequence, perBatch, perSlot
        }

        init(value: MixtureOfExperts.AuxiliaryLoss) { self.value = value }

        init(from decoder: any Swift.Decoder) throws {
            let container = try decoder.container(keyedBy: Kind.self)
            let kind = try container.onlyCase("an experts' loss is one of none, perSequence, perBatch and perSlot")
            value =
                switch kind {
                case .none: .none
                case .perSequence: .perSequence(try container.decodeCaseValue(forKey: kind))
                case .perBatch: .perBatch(try container.decodeCaseValue(forKey: kind))
                case .perSlot: .perSlot(try container.decodeCaseValue(forKey: kind))
                }
        }

        func encode(to encoder: any Swift.Encoder) throws {
            var container = encoder.container(keyedBy: Kind.self)
            switch value {
            case .none: try container.encodeCase(.none)
            case .perSequence(let weight): try container.encode(weight, forKey: .perSequence)
            case .perBatch(let weight): try container.encode(weight, forKey: .perBatch)
            case .perSlot(let weight): try container.encode(weight, forKey: .perSlot)
            }
        }
    }
}
