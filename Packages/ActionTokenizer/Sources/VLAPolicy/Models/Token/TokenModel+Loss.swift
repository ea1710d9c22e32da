import ActionTokenizer
import Foundation
public import TensorCore
import TensorNN
import VisionLanguage

extension TokenModel {
    /// The label of each place of each row, −100 where nothing is learnt. Not shifted: place t is learnt at row t − 1.
    ///
    /// - Parameters:
    ///   - prompts, actions: Ids; `length` places a row.
    ///   - validCounts: Actions of each row that count.
    ///   - isAction: Ids that stand for actions, for ``TokenLossSettings/Variant/actionByValue``.
    public func labels(
        _ variant: TokenLossSettings.Variant, prompts: [[Int]], actions: [[Int]], length: Int,
        validCounts: [Int]? = nil, isAction: (Int) -> Bool = { _ in false }
    ) -> [[Int]] {
        let perAction = configuration.sizes.dimensionCount
        return prompts.indices.map { row in
            var labels = [Int](repeating: -100, count: length)
            let (text, places) = (
                layout.text(textCount: prompts[row].count), layout.actions(textCount: prompts[row].count)
            )
            let valid = (validCounts?[row] ?? configuration.sizes.horizon) * perAction
            for (offset, place) in places.enumerated() where offset < valid { labels[place] = actions[row][offset] }
            let isWhole = valid == actions[row].count
            switch variant {
            case .action: break
            case .actionAndStop: if isWhole { labels[places.upperBound] = decoder.configuration.endID }
            case .textAndAction:
                for (id, place) in zip(prompts[row], text) { labels[place] = id }
                if isWhole { labels[places.upperBound] = decoder.configuration.endID }
            case .actionByValue:
                for (id, place) in zip(prompts[row], text) where isAction(id) { labels[place] = id }
            }
            return labels
        }
    }

    public func loss(on batch: PolicyBatch, using generator: inout CounterGenerator) -> PolicyLoss {
        require(batch.coding != nil && !batch.tokens.isEmpty, "token model: the action pipeline has no tokens")
        let coding = batch.coding!
        let settings = configuration.settings.loss
        let vectors = vectors(batch.inputs, actions: batch.tokens)
        var (cache, dropout) = (KeyValueCache?.none, decoder.trainingDropout(generator))
        let output = decoder(vectors, cache: &cache, dropout: &dropout)
        var result = self.loss(
            hidden: output.hidden, prompts: batch.inputs.promptIDs, actions: batch.tokens, coding: coding,
            settings: settings, validCounts: batch.validCounts, weights: batch.weights)
        if let auxiliary = output.auxiliaryLoss { result.total = result.total + auxiliary }
        return result
    }

    /// Loss and metrics of hidden states `[B, T, H]` of whole sequences.
    public func loss(
        hidden: Tensor, prompts: [[Int]], actions: [[Int]], coding: ActionTokenCoding, settings: TokenLossSettings,
        validCounts: [Int], weights: [Float]
    ) -> PolicyLoss {
        let length = hidden.shape[1]
        let labels = labels(
            settings.variant, prompts: prompts, actions: actions, length: length, validCounts: validCounts,
            isAction: { coding.tokenizer.tokens.contains($0) })

        // row t is asked for the token at t + 1
        var targets: [Float: [Int]] = [:]
        var sum: Float = 0
        for row in labels.indices {
            let text = layout.text(textCount: prompts[row].count)
            for place in 1..<length where labels[row][place] >= 0 {
                let weight = weights[row] * (text.contains(place) ? settings.textWeight : 1)
                guard weight > 0 else { continue }
                targets[weight, default: Array(repeating: -100, count: labels.count * length)][
                    row * length + place - 1] =
                    labels[row][place]
                sum += weight
            }
        }
        var total = hidden.sum() * 0
        if targets.count == 1, let all = targets.values.first {
            total = linearCrossEntropy(hidden: hidden, weight: decoder.headWeight, targets: all)
        } else {
            for (weight, part) in targets.sorted(by: { $0.key < $1.key }) {
                let cost = linearCrossEntropy(
                    hidden: hidden, weight: decoder.headWeight, targets: part, reduction: .sum)
                total = total + cost * (weight / sum)
            }
        }

        // the action positions
        let perAction = configuration.sizes.dimensionCount
        var (rows, wanted): ([Int], [Int]) = ([], [])
        for row in prompts.indices {
            let places = layout.actions(textCount: prompts[row].count)
            for offset in 0..<validCounts[row] * perAction {
                rows.append(row * length + places.lowerBound + offset - 1)
                wanted.append(actions[row][offset])
            }
        }
        let selected = hidden.reshaped([labels.count * length, hidden.shape[2]]).gatheringRows(rows)
        if settings.penalty != .none {
            let all = decoder.logits(selected).logSumExp()
            let inside = matmul(selected, transposed: decoder.headWeight.gatheringRows(coding.tokenIDs)).logSumExp()
            let penalty =
                settings.penalty == .mass ? (1 - (inside - all).exp()).mean() : (all - inside).mean()
            total = total + penalty * settings.penaltyWeight
        }
        let metrics = withoutGradient {
            TokenMetrics(
                logits: decoder.logits(selected.detached), wanted: wanted, coding: coding, perAction: perAction)
        }
        return PolicyLoss(total: total, metrics: metrics.values)
    }
}
