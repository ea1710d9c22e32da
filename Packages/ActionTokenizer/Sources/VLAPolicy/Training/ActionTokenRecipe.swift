import ActionTokenizer
import Foundation

/// Which ids of a language model represent actions, and how.
public struct ActionTokenRecipe: Codable, Hashable, Sendable {
    public enum Kind: String, Codable, CaseIterable, Sendable {
        /// A token for each number: the bin it lies in.
        case bins
        /// Few tokens for a whole chunk, see `FASTActionTokenizer`; their vocabulary is learnt from the training data.
        case fast
    }

    public enum Source: String, Codable, CaseIterable, Sendable {
        /// New ids after the tokenizer's: begin, end, then the bins. For decoders that are trained from scratch.
        case appended
        /// The last ids of the tokenizer, as OpenVLA.
        case last
        /// A file of ids: the 2025 system's `{"bin": id}` or an array.
        case file
    }

    public enum Range: String, Codable, CaseIterable, Sendable {
        /// −1…1, for normalized actions.
        case normalized
        /// From the 1 % to the 99 % quantile of each dimension, the gripper among them: the 2025 system's, whose actions are
        /// not normalized.
        case quantiles
    }

    public var kind = Kind.bins
    public var source = Source.appended
    public var file: String?
    public var binCount = 256
    /// FAST's: tokens of the vocabulary, and steps of a coefficient per unit.
    public var vocabularySize = 1024
    public var scale = 10.0
    public var range = Range.normalized

    public init() {}

    /// The coding for a tokenizer and statistics.
    ///
    /// - Parameters:
    ///   - vocabularySize: Ids of the tokenizer.
    ///   - chunks: Normalized chunks of the training data, for FAST.
    /// - Throws: `ActionTokenMapError` for a file that is no map, `ActionStatisticsError` for missing quantiles, `FASTError`.
    func coding(
        vocabularySize: Int, statistics: ActionStatistics, relativeTo folder: URL?,
        chunks: () throws -> [[[Double]]]
    ) throws -> ActionTokenCoding {
        if kind == .fast {
            let fast = try FASTActionCoding(
                trainedOn: chunks(), vocabularySize: self.vocabularySize, scale: scale)
            let ids = try ids(fast.vocabularySize, vocabularySize: vocabularySize, relativeTo: folder)
            return try ActionTokenCoding(fast: fast, tokenIDs: ids)
        }
        let ids = try ids(source == .file ? nil : binCount, vocabularySize: vocabularySize, relativeTo: folder)
        switch range {
        case .normalized: return try ActionTokenCoding(tokenIDs: ids)
        case .quantiles:
            guard let lower = statistics.lowerQuantile, let upper = statistics.upperQuantile else {
                throw ActionStatisticsError.missing(["q01", "q99"], method: "bins between quantiles")
            }
            return try ActionTokenCoding(tokenIDs: ids, ranges: zip(lower, upper).map { [$0, $1] })
        }
    }

    /// So many ids; nil for all of a file.
    private func ids(_ count: Int?, vocabularySize: Int, relativeTo folder: URL?) throws -> [Int] {
        switch source {
        case .appended: return (0..<(count ?? binCount)).map { vocabularySize + 2 + $0 }
        case .last:
            let count = count ?? binCount
            guard count <= vocabularySize else {
                throw PipelineError.tokenizer("it has \(vocabularySize) ids, fewer than \(count) action tokens")
            }
            return ActionTokenMap(lastIDsOf: vocabularySize, binCount: count).tokenIDs
        case .file:
            guard let file else { throw PipelineError.tokenizer("the recipe names no file of action tokens") }
            let ids = try ActionTokenMap(
                at: URL(fileURLWithPath: file, relativeTo: folder), vocabularySize: vocabularySize
            ).tokenIDs
            guard let count else { return ids }
            guard count <= ids.count else {
                throw PipelineError.tokenizer("\(file) has \(ids.count) ids, fewer than \(count) action tokens")
            }
            return Array(ids.prefix(count))
        }
    }
}
