public import TensorCore
public import TensorNN

/// A prompt as one vector: the mean of its tokens' vectors, each with the vector of its place, through a small network.
///
/// For policies whose instructions are short sentences of few words. Ids of any number per row → `[B, D]`; the mean of none
/// is zero.
public struct InstructionEncoder: Module {
    private var embedding: Embedding
    /// `[promptLength, D]`.
    private var positions: Parameter
    private var first: Linear
    private var second: Linear

    public init(
        vocabularySize: Int, promptLength: Int, width: Int, using generator: inout some RandomNumberGenerator
    ) {
        embedding = Embedding(count: vocabularySize, width: width, using: &generator)
        positions = Parameter(.normal(standardDeviation: 0.02, [promptLength, width], using: &generator))
        first = Linear(width, width, using: &generator)
        second = Linear(width, width, using: &generator)
    }

    public func callAsFunction(_ prompts: [[Int]]) -> Tensor {
        let count = prompts.map(\.count).reduce(0, +)
        guard count > 0 else {
            return second(first(.zeros([prompts.count, positions.value.shape[1]])).gelu(.tanh))
        }
        let ids = prompts.flatMap { $0 }
        let places = prompts.flatMap { Array($0.indices) }
        let vectors = embedding(Tensor(integers: ids, [count])) + positions.value.gatheringRows(places)

        // the mean over the tokens of each row
        var weights = [Float](repeating: 0, count: prompts.count * count)
        var start = 0
        for (row, prompt) in prompts.enumerated() {
            for token in start..<start + prompt.count { weights[row * count + token] = 1 / Float(prompt.count) }
            start += prompt.count
        }
        let mean = matmul(Tensor(weights, [prompts.count, count]), vectors)
        return second(first(mean).gelu(.tanh))
    }

    public mutating func visitParameters(_ visitor: inout some ParameterVisitor) throws {
        try visitor.visit("embedding", &embedding)
        try visitor.visit("positions", &positions)
        try visitor.visit("first", &first)
        try visitor.visit("second", &second)
    }
}
