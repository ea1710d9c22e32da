import ActionTokenizer
import Foundation
public import TensorCore
import TensorNN
import VisionLanguage

extension TokenModel {
    /// The label of each place of each row, −100 where nothing is learnt. Not shifted: place t is learnt at row t − 1.
    ///
    /// - Parameters:
    ///   - variant: Where something is learnt.
    ///   - prompts: Ids of each row.
    ///   - actions: Ids of each row, after the prompt.
    ///   - length: Places of a row.
    ///   - validCounts: Actions of each row that count.
    ///   - endsByStop: Whether the end is always learnt, as where chunks differ in their number of tokens: those are
    ///     learnt whole.
    ///   - isAction: Action token ids, for ``TokenLossSettings/Variant/actionByValue``.
    public func labels(
        _ variant: TokenLossSettings.Variant, prompts: [[Int]], actions: [[Int]], length: Int,
        validCounts: [Int]? = nil, endsByStop: Bool = false, isAction: (Int) -> Bool = { _ in false }
    ) -> [[Int]] {
        let perAction = configuration.sizes.dimensionCount
        return prompts.indices.map { row in
            var labels = [Int](repeating: -100, count: length)
            let text = layout.text(textCount: prompts[row].count)
            let first = layout.prefixCount(textCount: prompts[row].count)
            let (count, end) = (actions[row].count, first + actions[row].count)
            let valid = endsByStop ? count : (validCounts?[row] ?? configuration.sizes.horizon) * perAction
            for offset in 0..<min(valid, count) { labels[first + offset] = actions[row][offset] }
            let isWhole = valid == count
            if endsByStop { labels[end] = decoder.configuration.endID }
            switch variant {
            case .action: break
            case .actionAndStop: if isWhole { labels[end] = decoder.configuration.endID }
            case .textAndAction:
                for (id, place) in zip(prompts[row], text) { labels[place] = id }
                if isWhole { labels[end] = decoder.configuration.endID }
            case .actionByValue:
                for (id, place) in zip(prompts[row], text) where isAction(id) { labels[place] = id }
            }
            return labels
        }
    }

    public func loss(on batch: PolicyBatch, using generator: inout PhiloxGenerator) -> PolicyLoss {
        require(batch.coding != nil && !batch.tokens.isEmpty, "token model: the action pipeline has no tokens")
        let coding = batch.coding!
        let settings = configuration.settings.loss
        let (images, scores) = imageRowsAndScores(batch.inputs)
        let vectors = vectors(
            batch.inputs, imageRows: images, actions: batch.tokens, isWhole: coding.isVariable ? true : nil)
        var (cache, dropout) = (KeyValueCache?.none, decoder.trainingDropout(generator))
        let output = decoder(vectors, cache: &cache, dropout: &dropout)
        var result = self.loss(
            hidden: output.hidden, prompts: batch.inputs.promptIDs, actions: batch.tokens, coding: coding,
            settings: settings, validCounts: batch.validCounts, weights: batch.weights)
        if let auxiliary = output.auxiliaryLoss { result.total = result.total + auxiliary }
        if let pointing = configuration.settings.pointing, let scores {
            result.metrics["pointingLoss"] = 0
            if let places = PointingTargets(batch, seenBy: pointing, placeCount: scores.shape[1]) {
                let loss = places.loss(of: scores)
                result.total = result.total + loss * configuration.settings.pointingWeight
                result.metrics["pointingLoss"] = loss.detached.scalar
            }
        }
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
            endsByStop: coding.isVariable, isAction: { coding.tokenizer.tokens.contains($0) })

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
        let known = coding.isVariable ? coding.tokenIDs + [decoder.configuration.endID] : coding.tokenIDs
        for row in prompts.indices {
            let first = layout.prefixCount(textCount: prompts[row].count)
            let right =
                coding.isVariable
                ? actions[row] + [decoder.configuration.endID]
                : Array(actions[row].prefix(validCounts[row] * perAction))
            rows += right.indices.map { row * length + first + $0 - 1 }
            wanted += right
        }
        let selected = hidden.reshaped([labels.count * length, hidden.shape[2]]).gatheringRows(rows)
        if settings.penalty != .none {
            let all = decoder.logits(selected).logSumExp()
            let inside = matmul(selected, transposed: decoder.headWeight.gatheringRows(known)).logSumExp()
            let penalty =
                settings.penalty == .mass ? (1 - (inside - all).exp()).mean() : (all - inside).mean()
            total = total + penalty * settings.penaltyWeight
        }
        let logits = withoutGradient { decoder.logits(selected.detached) }
        let metrics =
            coding.isVariable
            ? TokenMetrics.values(logits: logits, wanted: wanted, among: known)
            : TokenMetrics(logits: logits, wanted: wanted, coding: coding, perAction: perAction).values
        return PolicyLoss(total: total, metrics: metrics)
    }
}
