import ActionTokenizer
import FileSupport
import RobotInterface

/// The demonstrations of a set with their numbers: read once, in order.
struct DemonstrationNumbers {
    /// Those that can be read, with their places in the set.
    private(set) var demonstrations: [(index: Int, demonstration: any Demonstration)] = []
    private(set) var damaged: [PolicyAssembly.DamagedDemonstration] = []
    /// SHA-256 over each demonstration's actions and states, row by row as little-endian doubles, and its sentences.
    let contentHash: String
    private let space: ActionSpace
    private let stateLayout: StateLayout

    init(_ set: some DemonstrationSet, actionColumn: String?, skipsDamaged: Bool) throws {
        (space, stateLayout) = (set.actionSpace, set.stateLayout)
        var bytes: [UInt8] = []
        for index in 0..<set.demonstrationCount {
            do {
                let demonstration = try set.demonstration(index, actionColumn: actionColumn)
                let numbers = try Self.values(of: demonstration, index, space, stateLayout)
                for values in [numbers.actions, numbers.states] { values.withUnsafeBytes { bytes += $0 } }
                for sentence in demonstration.allInstructions { bytes += Array(sentence.utf8) }
                demonstrations.append((index, demonstration))
            } catch {
                guard skipsDamaged else { throw error }
                damaged.append(.init(index: index, reason: "\(error)"))
            }
        }
        contentHash = SHA256.hexadecimal(bytes)
    }

    var instructions: [String] { demonstrations.flatMap(\.demonstration.allInstructions) }

    /// Statistics of some demonstrations' actions and states; the gripper's command is not scaled. Without states in the
    /// set, nil.
    func statistics(_ chosen: [Int]) throws -> (actions: ActionStatistics, states: ActionStatistics?) {
        var (actions, states): ([Double], [Double]) = ([], [])
        for place in chosen {
            let (index, demonstration) = demonstrations[place]
            let numbers = try Self.values(of: demonstration, index, space, stateLayout)
            actions += numbers.actions
            states += numbers.states
        }
        let width = space.dimensionCount
        return (
            try ActionStatistics(
                ColumnStatistics(values: actions, width: width), mask: (0..<width).map { $0 < width - 1 },
                gripperConvention: space.gripperConvention),
            stateLayout.count == 0
                ? nil : try ActionStatistics(ColumnStatistics(values: states, width: stateLayout.count))
        )
    }

    /// Actions and states row by row.
    private static func values(
        of demonstration: any Demonstration, _ index: Int, _ space: ActionSpace, _ layout: StateLayout
    ) throws -> (actions: [Double], states: [Double]) {
        guard demonstration.length > 0 else { throw DemonstrationError.noFrames(demonstration: index) }
        var (actions, states): ([Double], [Double]) = ([], [])
        actions.reserveCapacity(demonstration.length * space.dimensionCount)
        states.reserveCapacity(demonstration.length * layout.count)
        for frame in 0..<demonstration.length {
            let (action, state) = (demonstration.action(at: frame), demonstration.stateValues(at: frame))
            for (what, found, expected) in [
                ("action", action.count, space.dimensionCount), ("state", state.count, layout.count),
            ] where found != expected {
                throw DemonstrationError.wrongWidth(
                    what, demonstration: index, frame: frame, found: found, expected: expected)
            }
            actions += action
            states += state
        }
        return (actions, states)
    }
}
