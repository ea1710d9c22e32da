import ActionTokenizer
import RobotInterface
import ImageProcessing
import LiberoData
import VLAPolicy

/// A moment of a demonstration, in memory.
struct Frame: Sendable {
    let episode: Int
    let frame: Int
    /// The task's number among the data's.
    let task: Int
    /// As the data have it, its images read.
    var observation: Observation
    /// What followed, as long as the policy's horizon.
    let target: ActionChunk
    /// Actions of the target before the demonstration's end.
    let validCount: Int
    /// Place in the demonstration, 0…1.
    let progress: Double
    /// The image or state so many frames later; nil outside of the demonstration.
    let neighbour: @Sendable (_ offset: Int) throws -> Observation?
    /// The target so many frames later; nil outside of the demonstration.
    let shifted: @Sendable (_ offset: Int) -> ActionChunk?
    let example: PolicyExample
}

/// Frames spread over tasks, demonstrations and their course.
struct FrameSample: Sendable {
    let frames: [Frame]
    let instructions: [String]
    /// Of all demonstrations: what is learnt, and the states.
    let actions, states: ColumnStatistics
    let episodeCount: Int

    /// - Throws: `LiberoDataError`, ``PipelineError`` when the data do not have the column that was learnt.
    init(_ dataset: LiberoDataset, horizon: Int, column name: String?, count: Int) throws {
        let usable = dataset.episodes.indices.filter { dataset.episodes[$0].succeeded != false }
        let tasks = Dictionary(grouping: usable) { dataset.episodes[$0].taskIndex }.sorted { $0.key < $1.key }
        var instructions: [String] = []
        var (actionColumns, stateColumns): ([Double], [Double]) = ([], [])
        var frames: [Frame] = []
        let perTask = max(1, (count + tasks.count - 1) / max(tasks.count, 1))
        for (task, (_, episodes)) in tasks.enumerated() {
            instructions.append(dataset.episodes[episodes[0]].instruction)
            for (place, index) in episodes.enumerated() {
                let episode = try dataset.episode(index)
                let column = try name.map { try episode.column($0) } ?? episode.actions
                actionColumns += column.values
                stateColumns += episode.states.values

                // the places of this demonstration: round about, each later in its course
                let chosen = (0..<perTask).filter { $0 % episodes.count == place }
                for choice in chosen {
                    let progress = (Double(choice) + 0.5) / Double(perTask)
                    let frame = min(Int(progress * Double(episode.length)), episode.length - 1)
                    frames.append(try Self.frame(frame, of: episode, index, column, task: task, horizon: horizon))
                }
            }
        }
        self.frames = frames
        self.instructions = instructions
        let width = dataset.description.actionSpace.dimensionCount
        actions = ColumnStatistics(NumberColumn(width: width, values: actionColumns))
        states = ColumnStatistics(
            NumberColumn(width: dataset.description.stateLayout.count, values: stateColumns))
        episodeCount = usable.count
    }

    private static func frame(
        _ frame: Int, of episode: LiberoEpisode, _ index: Int, _ column: NumberColumn, task: Int, horizon: Int
    ) throws -> Frame {
        let length = min(episode.length, column.count)
        let chunk: @Sendable (Int) -> ActionChunk = { start in
            ActionChunk((0..<horizon).map { Array(column[min(start + $0, length - 1)]) })
        }
        let events = GripperEvents.nextEvent(
            commands: (0..<length).map { column[$0, column.width - 1] },
            convention: episode.description.actionSpace.gripperConvention)
        let observation = try loaded(episode.observation(at: frame))
        let target = chunk(frame)
        let validCount = min(horizon, length - frame)
        return Frame(
            episode: index, frame: frame, task: task, observation: observation, target: target,
            validCount: validCount, progress: Double(frame) / Double(max(length - 1, 1)),
            neighbour: { offset in
                guard 0..<length ~= frame + offset else { return nil }
                return try episode.observation(at: frame + offset)
            },
            shifted: { offset in 0..<length ~= frame + offset ? chunk(frame + offset) : nil },
            example: PolicyExample(
                observation: observation, actions: target, validCount: validCount,
                nextGripperEvent: try events[frame].map { try episode.state(at: $0).endEffectorPosition },
                task: episode.instruction, episode: index, frame: frame))
    }

    /// The observation with its images in memory.
    private static func loaded(_ observation: Observation) throws -> Observation {
        var result = observation
        for (name, frame) in observation.cameras {
            let image = try frame.image()
            result.cameras[name] = CameraFrame(frame.description) { image }
        }
        return result
    }
}
