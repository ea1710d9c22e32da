public import ActionTokenizer

/// How normalized actions become language model tokens: which id represents which bin, and the bins' ranges; or which
/// id represents which token of FAST.
public struct ActionTokenCoding: Hashable, Codable, Sendable {
    /// The id of each bin, lowest values first; or of each of FAST's tokens.
    public let tokenIDs: [Int]
    /// Lowest and highest value of each dimension; one pair when all have the same. Of no meaning for FAST.
    public let ranges: [[Double]]
    /// FAST in place of bins. A chunk then has as many tokens as it needs, and is followed by the decoder's end.
    public let fast: FASTActionCoding?
    public let tokenizer: BinActionTokenizer

    /// - Throws: `ActionTokenMapError` or ``PipelineError`` when ids repeat or a range is none.
    public init(tokenIDs: [Int], ranges: [[Double]] = [[-1, 1]]) throws {
        try self.init(tokenIDs: tokenIDs, ranges: ranges, fast: nil)
    }

    /// - Parameters:
    ///   - fast: The coding.
    ///   - tokenIDs: As many as the vocabulary has tokens.
    /// - Throws: `ActionTokenMapError` or ``PipelineError`` when ids repeat or are too few.
    public init(fast: FASTActionCoding, tokenIDs: [Int]) throws {
        try self.init(tokenIDs: tokenIDs, ranges: [[-1, 1]], fast: fast)
    }

    private init(tokenIDs: [Int], ranges: [[Double]], fast: FASTActionCoding?) throws {
        guard !ranges.isEmpty,
            ranges.allSatisfy({ $0.count == 2 && $0[0].isFinite && $0[1].isFinite && $0[0] <= $0[1] })
        else { throw PipelineError.notFinite("A range of the action tokens") }
        guard tokenIDs.count > 1 else { throw ActionTokenMapError.empty }
        if let fast, fast.vocabularySize != tokenIDs.count {
            throw PipelineError.tokenizer(
                "FAST has \(fast.vocabularySize) tokens, for which there are \(tokenIDs.count) ids")
        }
        self.tokenIDs = tokenIDs
        self.ranges = ranges
        self.fast = fast
        tokenizer = BinActionTokenizer(
            tokens: try ActionTokenMap(tokenIDs: tokenIDs), ranges: ranges.map { $0[0]...$0[1] })
    }

    private enum CodingKeys: CodingKey { case tokenIDs, ranges, fast }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            tokenIDs: container.decode([Int].self, forKey: .tokenIDs),
            ranges: container.decode([[Double]].self, forKey: .ranges),
            fast: container.decodeIfPresent(FASTActionCoding.self, forKey: .fast))
    }

    public static func == (a: ActionTokenCoding, b: ActionTokenCoding) -> Bool {
        a.tokenIDs == b.tokenIDs && a.ranges == b.ranges && a.fast == b.fast
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(tokenIDs)
        hasher.combine(ranges)
    }

    func check(dimensionCount: Int, horizon: Int) throws {
        if let fast {
            guard fast.horizon == horizon, fast.dimensionCount == dimensionCount else {
                throw PipelineError.tokenizer(
                    "FAST was learnt from chunks of \(fast.horizon) × \(fast.dimensionCount), these are "
                        + "\(horizon) × \(dimensionCount)")
            }
            return
        }
        guard ranges.count == 1 || ranges.count == dimensionCount else {
            throw PipelineError.dimensions("ranges of the action tokens", found: ranges.count, expected: dimensionCount)
        }
    }

    /// Whether chunks differ in their number of tokens and an end follows them.
    var isVariable: Bool { fast != nil }

    /// The ids of a chunk of normalized actions, row by row.
    ///
    /// - Throws: `FASTError` for a chunk that FAST cannot write.
    public func ids(of numbers: [Float], dimensionCount: Int) throws -> [Int] {
        if let fast { return try fast.tokens(of: numbers).map { tokenIDs[$0] } }
        return numbers.enumerated().map { tokenizer.tokenID(for: Double($1), dimension: $0 % dimensionCount) }
    }

    /// The numbers of ids: the middles of the bins, or what FAST's tokens say.
    ///
    /// - Throws: `ActionTokenError/notAnActionToken(_:dimension:)`.
    public func numbers(of ids: [Int], dimensionCount: Int) throws -> [Float] {
        if let fast {
            return try fast.numbers(
                of: try ids.enumerated().map { index, id in
                    guard let token = tokenizer.tokens.bin(of: id) else {
                        throw ActionTokenError.notAnActionToken(id, dimension: index)
                    }
                    return token
                })
        }
        return try ids.enumerated().map { index, id in
            guard let value = tokenizer.value(for: id, dimension: index % dimensionCount) else {
                throw ActionTokenError.notAnActionToken(id, dimension: index % dimensionCount)
            }
            return Float(value)
        }
    }
}
