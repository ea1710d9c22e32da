public import TensorCore
public import TensorNN

/// A conversation to train on: ids, what of them is learned, and images in their places.
public struct VisionLanguageExample: Sendable {
    public var ids: [Int]
    /// The ids where they are learned, −100 elsewhere; at their own place, not shifted.
    public var labels: [Int]
    /// `[images, 3, height, width]`; nil without images.
    public var pixels: Tensor?
    /// Places of the images, of sequence 0.
    public var runs: [ImageRun]

    public init(ids: [Int], labels: [Int], pixels: Tensor? = nil, runs: [ImageRun] = []) {
        require(ids.count == labels.count, "\(ids.count) ids and \(labels.count) labels")
        self.ids = ids
        self.labels = labels
        self.pixels = pixels
        self.runs = runs
    }
}

/// Examples of one length, padded on the right.
public struct VisionLanguageBatch: Sendable {
    /// `[B, T]`.
    public var ids: Tensor
    /// `[B, T]`, −100 where nothing is learned.
    public var labels: Tensor
    /// `[M, 3, height, width]`.
    public var pixels: Tensor?
    public var runs: [ImageRun]

    public init(ids: Tensor, labels: Tensor, pixels: Tensor? = nil, runs: [ImageRun] = []) {
        self.ids = ids
        self.labels = labels
        self.pixels = pixels
        self.runs = runs
    }

    /// - Parameters:
    ///   - examples: The rows.
    ///   - paddingID: Appended to shorter examples; not learned, and hidden by a causal mask.
    public init(_ examples: [VisionLanguageExample], paddingID: Int = 0) {
        require(!examples.isEmpty, "a batch of no examples")
        let length = examples.map(\.ids.count).max() ?? 0
        var (ids, labels): ([Int], [Int]) = ([], [])
        var images: [Tensor] = []
        var (runs, imageCount): ([ImageRun], Int) = ([], 0)
        for (sequence, example) in examples.enumerated() {
            let padding = length - example.ids.count
            ids += example.ids + [Int](repeating: paddingID, count: padding)
            labels += example.labels + [Int](repeating: -100, count: padding)
            runs += example.runs.map {
                ImageRun(sequence: sequence, tokens: $0.tokens, image: $0.image + imageCount)
            }
            if let pixels = example.pixels {
                images.append(pixels)
                imageCount += pixels.shape[0]
            }
        }
        self.ids = Tensor(integers: ids, [examples.count, length])
        self.labels = Tensor(integers: labels, [examples.count, length])
        pixels = images.isEmpty ? nil : .concatenated(images, axis: 0)
        self.runs = runs
    }
}

extension VisionLanguageModel {
    /// The mean cross-entropy of the learned tokens given those before them, plus the experts' auxiliary loss.
    ///
    /// The last token predicts nothing and is left out of the computation.
    public func loss(on batch: VisionLanguageBatch, dropout: inout Dropout?) -> Tensor {
        let length = batch.ids.shape[1]
        let ids = batch.ids.slice(axis: 1, 0..<length - 1).contiguous
        let targets = batch.labels.slice(axis: 1, 1..<length).integers
        var cache: KeyValueCache?
        let output = self(ids, pixels: batch.pixels, at: batch.runs, cache: &cache, dropout: &dropout)
        let loss = linearCrossEntropy(hidden: output.hidden, weight: decoder.headWeight, targets: targets)
        return output.auxiliaryLoss.map { loss + $0 } ?? loss
    }
}
