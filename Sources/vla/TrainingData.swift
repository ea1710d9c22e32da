import RobotInterface
import FileSupport
import ActionTokenizer
import Foundation
import LiberoData
import TensorCore
import VLAPolicy

/// Data sets on disk as one set of demonstrations, with the statistics of their numbers.
struct TrainingData {
    let demonstrationSet: DemonstrationSet
    private let actions: [NumberColumn]
    private let states: [NumberColumn]

    /// - Parameter actionColumn: The column that is learnt, such as an expert's actions before noise was added; nil for
    ///   the actions themselves.
    /// - Throws: `LiberoDataError` for what is damaged or differs between the sets.
    init(at folders: [URL], actionColumn: String?) throws {
        let datasets = try folders.map { try LiberoDataset(at: $0) }
        let description = datasets[0].description
        for dataset in datasets.dropFirst() {
            try dataset.description.requireSame(as: description, file: dataset.url.path)
        }

        var demonstrations: [Demonstration] = []
        var actions: [NumberColumn] = []
        var states: [NumberColumn] = []
        var bytes: [UInt8] = []
        for dataset in datasets {
            for index in dataset.episodes.indices where dataset.episodes[index].succeeded != false {
                let episode = try dataset.episode(index)
                let column = try actionColumn.map { try episode.column($0) } ?? episode.actions
                guard column.width == description.actionSpace.dimensionCount, column.count == episode.length else {
                    throw PipelineError.dimensions(
                        "the column '\(actionColumn ?? "actions")'", found: column.width,
                        expected: description.actionSpace.dimensionCount)
                }
                actions.append(column)
                states.append(episode.states)
                for numbers in [column.values, episode.states.values] { numbers.withUnsafeBytes { bytes += $0 } }
                bytes += Array(episode.instruction.utf8)
                demonstrations.append(
                    Demonstration(
                        instruction: episode.instruction, task: episode.instruction,
                        actions: (0..<column.count).map { Array(column[$0]) },
                        handPositions: try (0..<episode.length).map { try episode.state(at: $0).endEffectorPosition }
                    ) { try episode.observation(at: $0) })
            }
        }
        self.actions = actions
        self.states = states
        demonstrationSet = DemonstrationSet(
            name: folders.map(\.lastPathComponent).joined(separator: "+"), contentHash: SHA256.hexadecimal(bytes),
            cameras: description.cameras, stateLayout: description.stateLayout, actionSpace: description.actionSpace,
            demonstrations: demonstrations)
    }

    /// Statistics of some demonstrations' actions and states; the gripper's command is not scaled.
    func statistics(_ demonstrations: [Int]) throws -> (actions: ActionStatistics, states: ActionStatistics) {
        func joined(_ columns: [NumberColumn]) -> ColumnStatistics {
            ColumnStatistics(
                NumberColumn(width: columns[0].width, values: demonstrations.flatMap { columns[$0].values }))
        }
        let (action, state) = (joined(actions), joined(states))
        let space = demonstrationSet.actionSpace
        return (
            try ActionStatistics(
                action, mask: (0..<space.dimensionCount).map { $0 < space.dimensionCount - 1 },
                gripperConvention: space.gripperConvention),
            try ActionStatistics(state, mask: nil, gripperConvention: nil)
        )
    }
}

extension ActionStatistics {
    /// Statistics computed from data.
    init(_ column: ColumnStatistics, mask: [Bool]?, gripperConvention: GripperConvention?) throws {
        try self.init(
            mean: column.mean, standardDeviation: column.standardDeviation, minimum: column.minimum,
            maximum: column.maximum, lowerQuantile: column.quantile(0.01), upperQuantile: column.quantile(0.99),
            mask: mask, gripperConvention: gripperConvention)
    }
}
