public import FileSupport
import RobotInterface

/// What a data set holds, and what its numbers mean; made from metadata only.
public struct DatasetReport: Codable, TextReport, Sendable {
    public struct Task: Codable, Sendable {
        public var index: Int
        public var instruction: String
        public var episodes: Int
        public var frames: Int
        public var longest: Int
    }

    public var path: String
    public var format: String
    public var description: DatasetDescription
    /// How observations lie in the files.
    public var storedAlignment: ObservationAlignment
    public var episodes: Int
    public var frames: Int
    public var longest: Int
    public var tasks: [Task]
    /// Instructions that begin within an episode, and in how many.
    public var laterInstructions: [String: Int]
    /// Episodes in each of the set's own lists, such as robomimic's `train`.
    public var lists: [String: Int]
    public var warnings: [String]

    public init(_ dataset: LiberoDataset) {
        (path, format, description) = (dataset.url.path, dataset.format.rawValue, dataset.description)
        lists = dataset.filterKeys.mapValues(\.count)
        (storedAlignment, warnings) = (dataset.storedAlignment, dataset.warnings.map(\.description))
        (episodes, frames) = (dataset.episodes.count, dataset.frameCount)
        laterInstructions = [:]
        for episode in dataset.episodes {
            for instruction in episode.instructions.dropFirst() { laterInstructions[instruction, default: 0] += 1 }
        }
        longest = dataset.episodes.indices.map { dataset.length(ofEpisode: $0) }.max() ?? 0
        tasks = dataset.episodesOfTask.sorted { $0.key < $1.key }.map { index, members in
            let lengths = members.map { dataset.length(ofEpisode: $0) }
            return Task(
                index: index, instruction: dataset.episodes[members[0]].instruction, episodes: members.count,
                frames: lengths.reduce(0, +), longest: lengths.max() ?? 0)
        }
    }

    public var text: String {
        var lines = ["\(path): \(format), \(episodes) episodes, \(frames) frames, the longest \(longest)", ""]
        for (camera, size) in description.cameras.sorted(by: { $0.key < $1.key }) {
            lines.append("  camera   \(camera), \(size.width) × \(size.height), \(size.orientation.rawValue)")
        }
        let space = description.actionSpace
        let isKnown = space.command != .unspecified
        lines.append(
            "  action   \(space.dimensionNames.joined(separator: ", "))"
                + (isKnown ? "; gripper: \(space.gripperConvention.rawValue)" : "; what they mean is not stated"))
        lines.append("  state    \(description.stateLayout.names.joined(separator: ", "))")
        lines.append("  pairing  \(description.alignment.rawValue) (\(storedAlignment.rawValue) in the files)")
        lines.append("  rate     \(description.framesPerSecond) frames per second, as declared")
        if !lists.isEmpty {
            let texts = lists.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            lines.append("  lists    \(texts.joined(separator: ", ")) episodes")
        }
        lines += ["", "   task  episodes    frames  longest  instruction"]
        for task in tasks {
            let numbers = [(task.index, 7), (task.episodes, 10), (task.frames, 10), (task.longest, 9)]
            lines.append(numbers.map { "\($0)".right($1) }.joined() + "  \(task.instruction)")
        }
        for (instruction, count) in laterInstructions.sorted(by: { $0.key < $1.key }) {
            lines.append("         later in \(count) episode\(count == 1 ? "" : "s"): \(instruction)")
        }
        if !warnings.isEmpty { lines += [""] + warnings.map { "warning: \($0)" } }
        return lines.joined(separator: "\n")
    }
}
