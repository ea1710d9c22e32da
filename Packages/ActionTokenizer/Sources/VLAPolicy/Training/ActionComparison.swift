public import ActionTokenizer
import FileSupport
import Foundation
public import Plotting
import RobotInterface
import TensorCore
public import TensorReporting

/// What a policy does beside what was recorded, on examples it was not trained with: histograms and a confusion matrix of
/// each dimension, and signs that it does not look.
public struct ActionComparison: Hashable, Codable, Sendable {
    /// A dimension of the action.
    public struct Dimension: Hashable, Codable, Sendable {
        public var name: String
        /// The ends of the equally wide intervals that are counted in, in the space's units; values outside are counted
        /// in the first and the last one.
        public var edges: [Double]
        public var predictedCounts, recordedCounts: [Int]
        /// `[recorded][predicted]`: how often which interval was predicted for which.
        public var confusion: [[Int]]
        /// Mean absolute difference, in the space's units.
        public var meanError: Double

        /// Share of the actions whose interval is the recorded one.
        public var accuracy: Double {
            let count = recordedCounts.reduce(0, +)
            return count == 0 ? 0 : Double(confusion.indices.reduce(0) { $0 + confusion[$1][$1] }) / Double(count)
        }
    }

    public var dimensions: [Dimension]
    public var exampleCount: Int
    public var detectors: ActionDetectors

    /// - Parameters:
    ///   - predicted: Chunks of a policy, in the space's units.
    ///   - recorded: Those of the same examples in the data.
    ///   - validCounts: Actions of each chunk that count.
    ///   - space: Names the dimensions.
    ///   - statistics: Of the training data, for the detectors; nil for none.
    ///   - intervalCount: Of each dimension's range in the recorded actions.
    public init(
        predicted: [ActionChunk], recorded: [ActionChunk], validCounts: [Int], space: ActionSpace,
        statistics: ActionStatistics? = nil, intervalCount: Int = 16
    ) {
        precondition(
            predicted.count == recorded.count && validCounts.count == recorded.count && intervalCount > 1,
            "ActionComparison: \(predicted.count) predictions, \(recorded.count) chunks, \(validCounts.count) counts")
        exampleCount = recorded.count
        dimensions = space.dimensionNames.enumerated().map { d, name in
            let pairs = zip(zip(predicted, recorded), validCounts).flatMap { pair, count in
                (0..<count).map { (pair.0[$0][d], pair.1[$0][d]) }
            }
            let (low, high) = (pairs.map(\.1).min() ?? 0, pairs.map(\.1).max() ?? 0)
            let width = high > low ? (high - low) / Double(intervalCount) : 1
            func interval(_ value: Double) -> Int {
                value.isFinite ? Int(min(max((value - low) / width, 0), Double(intervalCount - 1))) : 0
            }
            var dimension = Dimension(
                name: name, edges: (0...intervalCount).map { low + Double($0) * width },
                predictedCounts: Array(repeating: 0, count: intervalCount),
                recordedCounts: Array(repeating: 0, count: intervalCount),
                confusion: Array(repeating: Array(repeating: 0, count: intervalCount), count: intervalCount),
                meanError: 0)
            for (guess, right) in pairs {
                let (p, r) = (interval(guess), interval(right))
                dimension.predictedCounts[p] += 1
                dimension.recordedCounts[r] += 1
                dimension.confusion[r][p] += 1
                dimension.meanError += abs(guess - right) / Double(pairs.count)
            }
            return dimension
        }
        detectors = ActionDetectors(predicted, statistics: statistics)
    }

    /// The predicted actions' histogram beside the recorded ones', of each dimension.
    public func charts() -> [(name: String, plot: Plot)] {
        dimensions.map { dimension in
            let middles = zip(dimension.edges, dimension.edges.dropFirst()).map { ($0 + $1) / 2 }
            let plot = Plot(
                "\(dimension.name): predicted and recorded",
                x: .init(
                    dimension.name,
                    categories: middles.enumerated().map { $0 % 4 == 0 ? String(format: "%.2g", $1) : "" }),
                y: .init("actions"),
                series: [
                    .bars("recorded", dimension.recordedCounts.map(Double.init), slot: 0, of: 2),
                    .bars("predicted", dimension.predictedCounts.map(Double.init), slot: 1, of: 2),
                ])
            return ("actions-\(ContainedPath.fileName(dimension.name.replacing(" ", with: "-")))", plot)
        }
    }

    /// The confusion matrix of each dimension: predicted to the right, recorded upward; a row's darkest square is what
    /// was predicted most for it.
    public func matrices() -> [(name: String, plot: Plot)] {
        dimensions.map { dimension in
            let shares = dimension.confusion.map { counts in
                let sum = Double(max(counts.reduce(0, +), 1))
                return counts.map { Double($0) / sum }
            }
            var plot = Plot(
                "\(dimension.name): confusion matrix", x: .init("predicted"), y: .init("recorded"),
                series: [.cells("", edges: dimension.edges, shares: shares)])
            (plot.width, plot.height) = (420, 400)
            return ("confusion-\(ContainedPath.fileName(dimension.name.replacing(" ", with: "-")))", plot)
        }
    }
}

extension RunReport {
    /// Shows what a trained policy does beside what was recorded, and writes it as `actions.json`.
    public mutating func add(_ comparison: ActionComparison) throws {
        sections.append(
            Section(
                "Predicted and recorded actions",
                paragraphs: [
                    "\(comparison.exampleCount) validation examples; errors in the units of the actions."
                ] + comparison.detectors.findings,
                header: ["dimension", "mean error", "same interval"],
                rows: comparison.dimensions.map { dimension in
                    [
                        .text(dimension.name), .number(String(format: "%.4f", dimension.meanError)),
                        .number(HTMLPage.percent(dimension.accuracy)),
                    ]
                },
                charts: comparison.charts() + comparison.matrices(),
                files: ["actions.json": try JSONEncoder.sorted().encode(comparison)]))
    }
}

extension PreparedDataset {
    /// What a model does on some of the examples beside what was recorded; nil without examples.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - limit: Examples looked at, spread over all of them: a token policy writes its tokens one by one.
    public func comparison<Model: PolicyModel>(of model: Model, limit: Int) throws -> ActionComparison? {
        let size = Swift.min(count, limit)
        guard size > 0 else { return nil }
        let indices = (0..<size).map { $0 * count / size }
        var (predicted, recorded, valid): ([ActionChunk], [ActionChunk], [Int]) = ([], [], [])
        for start in stride(from: 0, to: size, by: 32) {
            let part = Array(indices[start..<Swift.min(start + 32, size)])
            var generator = PhiloxGenerator(seed: 0, stream: UInt64(start))
            let batch = try batch(part, using: generator)
            let rows = try withoutGradient {
                try model.predict(batch.inputs, actions: actionPipeline, using: &generator)
            }
            predicted += try rows.map(actionPipeline.decode)
            let size = actionPipeline.horizon * actionPipeline.dimensionCount
            let targets = batch.targets.contiguous.elements()
            recorded += try part.indices.map {
                try actionPipeline.decode(Array(targets[$0 * size..<($0 + 1) * size]))
            }
            valid += batch.validCounts
        }
        return ActionComparison(
            predicted: predicted, recorded: recorded, validCounts: valid, space: actionPipeline.space,
            statistics: actionPipeline.normalization.statistics)
    }
}
