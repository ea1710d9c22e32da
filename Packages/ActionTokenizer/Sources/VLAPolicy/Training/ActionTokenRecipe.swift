import ActionTokenizer
import Foundation

/// Which ids of a language model stand for actions, and between which values the bins lie.
public struct ActionTokenRecipe: Codable, Hashable, Sendable {
    public enum Source: String, Codable, CaseIterable, Sendable {
        /// New ids behind the tokenizer's: begin, end, then the bins. For decoders that are trained from nothing.
        case appended
        /// The last ids of the tokenizer, as OpenVLA.
        case last
        /// A file of ids: the story's `{"bin": id}` or an array.
        case file
    }

    public enum Range: String, Codable, CaseIterable, Sendable {
        /// −1…1, for normalized actions.
        case normalized
        /// From the 1 % to the 99 % quantile of each dimension, the gripper among them: the story's, whose actions are
        /// not normalized.
        case quantiles
    }

    public var source = Source.appended
    public var file: String?
    public var binCount = 256
    public var range = Range.normalized

    public init() {}

    /// The coding for a tokenizer and statistics.
    ///
    /// - Throws: `ActionTokenMapError` for a file that is no map, `ActionStatisticsError` for missing quantiles.
    func coding(
        vocabularySize: Int, statistics: ActionStatistics, relativeTo folder: URL?
    ) throws -> ActionTokenCoding {
        let ids: [Int]
        switch source {
        case .appended: ids = (0..<binCount).map { vocabularySize + 2 + $0 }
        case .last:
            guard binCount <= vocabularySize else {
                throw PipelineError.tokenizer("it has \(vocabularySize) ids, fewer than \(binCount) bins")
            }
            ids = ActionTokenMap(lastIDsOf: vocabularySize, binCount: binCount).tokenIDs
        case .file:
            guard let file else { throw PipelineError.tokenizer("the recipe names no file of action tokens") }
            let map = try ActionTokenMap(
                at: URL(fileURLWithPath: file, relativeTo: folder), vocabularySize: vocabularySize)
            ids = map.tokenIDs
        }
        switch range {
        case .normalized: return try ActionTokenCoding(tokenIDs: ids)
        case .quantiles:
            guard let lower = statistics.lowerQuantile, let upper = statistics.upperQuantile else {
                throw ActionStatisticsError.missing(["q01", "q99"], method: "bins between quantiles")
            }
            return try ActionTokenCoding(tokenIDs: ids, ranges: zip(lower, upper).map { [$0, $1] })
        }
    }
}
