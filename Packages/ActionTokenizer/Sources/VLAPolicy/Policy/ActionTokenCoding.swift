public import ActionTokenizer

/// How normalized actions become tokens of a language model: which id stands for which bin, and the bins' ranges.
public struct ActionTokenCoding: Hashable, Codable, Sendable {
    /// The id of each bin, lowest values first.
    public let tokenIDs: [Int]
    /// Lowest and highest value of each dimension; one pair when all have the same.
    public let ranges: [[Double]]
    public let tokenizer: BinActionTokenizer

    /// - Throws: `ActionTokenMapError` or ``PipelineError`` when ids repeat or a range is none.
    public init(tokenIDs: [Int], ranges: [[Double]] = [[-1, 1]]) throws {
        guard !ranges.isEmpty,
            ranges.allSatisfy({ $0.count == 2 && $0[0].isFinite && $0[1].isFinite && $0[0] <= $0[1] })
        else { throw PipelineError.notFinite("A range of the action tokens") }
        guard tokenIDs.count > 1 else { throw ActionTokenMapError.empty }
        self.tokenIDs = tokenIDs
        self.ranges = ranges
        tokenizer = BinActionTokenizer(
            tokens: try ActionTokenMap(tokenIDs: tokenIDs), ranges: ranges.map { $0[0]...$0[1] })
    }

    private enum CodingKeys: CodingKey { case tokenIDs, ranges }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            tokenIDs: container.decode([Int].self, forKey: .tokenIDs),
            ranges: container.decode([[Double]].self, forKey: .ranges))
    }

    public static func == (a: ActionTokenCoding, b: ActionTokenCoding) -> Bool {
        a.tokenIDs == b.tokenIDs && a.ranges == b.ranges
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(tokenIDs)
        hasher.combine(ranges)
    }

    func check(dimensionCount: Int, horizon: Int) throws {
        guard ranges.count == 1 || ranges.count == dimensionCount else {
            throw PipelineError.dimensions("ranges of the action tokens", found: ranges.count, expected: dimensionCount)
        }
    }

    /// The ids of normalized actions, row by row.
    public func ids(of numbers: [Float], dimensionCount: Int) -> [Int] {
        numbers.enumerated().map { tokenizer.tokenID(for: Double($1), dimension: $0 % dimensionCount) }
    }

    /// The middles of the bins of ids.
    ///
    /// - Throws: `ActionTokenError/notAnActionToken(_:dimension:)`.
    public func numbers(of ids: [Int], dimensionCount: Int) throws -> [Float] {
        try ids.enumerated().map { index, id in
            guard let value = tokenizer.value(for: id, dimension: index % dimensionCount) else {
                throw ActionTokenError.notAnActionToken(id, dimension: index % dimensionCount)
            }
            return Float(value)
        }
    }
}
