import Foundation
public import ImageProcessing
public import TensorCore
import TensorNN

/// OpenVLA: one image and an instruction to one action, written as tokens.
public struct OpenVLAPolicy: Sendable {
    public var model: OpenVLAModel
    public let tokenizer: LlamaTokenizer
    public let actions: OpenVLAStatistics.Range
    /// The data set whose statistics count.
    public let key: String
    public let findings: [PeerFinding]

    /// - Parameters:
    ///   - folder: The checkpoint.
    ///   - key: The data set; may be nil where the folder has statistics of one only.
    /// - Throws: ``PeerPolicyError``.
    public init(_ folder: OpenVLAFolder, key: String? = nil) throws {
        self.key = try folder.statistics.key(key)
        actions = try folder.statistics.range(self.key, "action")
        model = try OpenVLAModel(
            folder.configuration, from: WeightSource(folder.weights, file: "model.safetensors"))
        tokenizer = folder.tokenizer
        findings = folder.findings
    }

    /// `[1, 6, size, size]`: the image as both vision transformers get it.
    public func pixels(_ image: RGBImage) -> Tensor {
        .concatenated(model.configuration.images.map { $0(image) }, axis: 1)
    }

    /// The prompt of a task. The instruction is in lower case.
    public static func prompt(_ task: String) -> String {
        "In: What action should the robot take to \(task.lowercased())?\nOut:"
    }

    /// Ids of the prompt, with the empty token that training appended.
    public func promptIDs(_ task: String) -> [Int] {
        let ids = tokenizer.encode(Self.prompt(task))
        return ids.last == Self.emptyToken ? ids : ids + [Self.emptyToken]
    }

    /// The id of a lone "▁" in Llama's vocabulary.
    static let emptyToken = 29_871

    /// The decoder's input: `[1, tokens, hiddenSize]`, begin, patches, rest of the text.
    func prefixVectors(_ ids: [Int], projected: Tensor) -> Tensor {
        .concatenated([model.embed([ids[0]]), projected, model.embed(Array(ids[1...]))], axis: 1)
    }

    /// Ids of the action's tokens by greedy decoding, and the logits they were chosen by.
    func decode(_ vectors: Tensor) -> (ids: [Int], logits: [Tensor]) {
        var cache = model.makeCache()
        var states = model.states(vectors, mask: .causal, cache: &cache)
        var (ids, rows): ([Int], [Tensor]) = ([], [])
        for step in 0..<actions.low.count {
            let logits = model.head(states.slice(axis: 1, states.shape[1] - 1..<states.shape[1]).contiguous)
                .reshaped([1, -1])
            rows.append(logits)
            ids.append(logits.argmax()[0])
            guard step + 1 < actions.low.count else { break }
            states = model.states(model.embed([ids[step]]), mask: .causal, cache: &cache)
        }
        return (ids, rows)
    }

    /// −1…1 of action tokens: the middle of bin `clip(end − id − 1, 0, bins − 2)` of equal bins.
    static func normalized(_ ids: [Int], _ c: OpenVLAConfiguration) -> [Double] {
        ids.map { id in
            let bin = min(max(c.actionEnd - id - 1, 0), c.binCount - 2)
            func edge(_ i: Int) -> Double { -1 + Double(i) * (2 / Double(c.binCount - 1)) }
            return (edge(bin) + (bin + 1 == c.binCount - 1 ? 1 : edge(bin + 1))) / 2
        }
    }

    /// The action in the robot's units.
    ///
    /// - Parameters:
    ///   - image: As the training data showed it: turned, cropped and resized already.
    ///   - task: The instruction.
    public func action(_ image: RGBImage, task: String) throws -> [Double] {
        let ids = promptIDs(task)
        let patches = model.dino.positions.value.shape[1]
        guard ids.count + patches + actions.low.count <= OpenVLAModel.positionCount else {
            throw PeerPolicyError(
                .observation, file: "observation", key: "task", "an instruction of \(ids.count) tokens",
                remedy: "Give a shorter instruction.")
        }
        return withoutGradient {
            let projected = model.projected(model.features(pixels(image)))
            let (tokens, _) = decode(prefixVectors(ids, projected: projected))
            return actions.denormalized(Self.normalized(tokens, model.configuration), epsilon: 0)
        }
    }
}
