import TensorCore
import TensorNN

/// How surprised a decoder is by texts: e to the mean negative logarithm of each next token's probability.
public struct Perplexity: Sendable, Equatable, Codable {
    /// Tokens that were predicted.
    public private(set) var tokenCount = 0
    /// Σ −log p over them.
    public private(set) var negativeLogLikelihood = 0.0

    public init() {}

    /// The mean negative log-likelihood, in nats; NaN without tokens.
    public var loss: Double { negativeLogLikelihood / Double(tokenCount) }
    /// eˡᵒˢˢ; NaN without tokens.
    public var value: Double { exponential(loss) }

    /// Adds a text: each of its tokens but the first is predicted from those before it, in windows of at most
    /// `windowSize` tokens that do not see each other. Positions whose label is −100 are not counted.
    ///
    /// - Parameters:
    ///   - ids: The text's tokens.
    ///   - labels: The ids where they count, −100 elsewhere; nil for all.
    ///   - decoder: The model.
    ///   - windowSize: Tokens of a window.
    public mutating func add(_ ids: [Int], labels: [Int]? = nil, decoder: Decoder, windowSize: Int = 1024) {
        require(labels == nil || labels!.count == ids.count, "\(labels?.count ?? 0) labels for \(ids.count) ids")
        let window = min(windowSize, decoder.configuration.positionCount)
        require(window > 1, "windows of \(windowSize) tokens")
        for start in stride(from: 0, to: max(0, ids.count - 1), by: window) {
            // the token after the window is predicted too
            let count = min(window, ids.count - 1 - start)
            let targets = (labels ?? ids)[start + 1..<start + 1 + count]
            let supervised = targets.count { $0 != -100 }
            guard supervised > 0 else { continue }
            let loss = withoutGradient {
                let hidden = decoder(decoder.embed(Tensor(integers: Array(ids[start..<start + count]), [1, count])))
                    .hidden
                return crossEntropy(decoder.logits(hidden), targets: Array(targets), reduction: .sum).scalar
            }
            tokenCount += supervised
            negativeLogLikelihood += Double(loss)
        }
    }
}
