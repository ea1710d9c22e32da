import FileSupport
import Foundation
public import RobotInterface

extension ActionTokenReport {
    /// A report on the tokens of a policy's actions.
    ///
    /// - Parameters:
    ///   - pipeline: Its `tokens` are reported on.
    ///   - actions: Chunks in the space's units.
    /// - Throws: `RequestError` for a pipeline without tokens.
    public init(_ pipeline: ActionPipeline, actions: [ActionChunk]) throws {
        guard let coding = pipeline.tokens else { throw RequestError("it has no action.tokens") }
        let width = pipeline.dimensionCount
        let chunks = try actions.map { try pipeline.encode($0) }
        self =
            try coding.fast.map { try ActionTokenReport(coding, fast: $0, chunks: chunks) }
            ?? ActionTokenReport(coding, actions: chunks.map { $0.prefix(width).map(Double.init) })
    }

    /// A table of the dimensions.
    ///
    /// - Parameter pipeline: The one that was reported on.
    public func text(_ pipeline: ActionPipeline) -> String {
        var lines: [String] = []
        if let count = tokensPerChunk {
            let numbers = pipeline.horizon * pipeline.dimensionCount
            lines.append(String(format: "%.1f tokens a chunk of %d numbers", count, numbers))
        }
        lines.append("\(actionCount) actions, \(pipeline.tokens?.tokenIDs.count ?? 0) tokens; normalized units")
        lines.append("dimension              bound   largest      mean      cut   used  bits")
        for (d, name) in pipeline.space.dimensionNames.enumerated() {
            lines.append(
                name.padding(toLength: 16, withPad: " ", startingAt: 0)
                    + String(
                        format: "  %9.6f %9.6f %9.6f  %5.2f%%  %5d %5.2f", errorBound[d], maximumError[d],
                        meanError[d], 100 * cutShare[d], usedCount[d], entropy[d]))
        }
        return lines.joined(separator: "\n")
    }
}
