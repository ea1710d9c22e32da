/// What is known of an episode without reading its frames.
public struct EpisodeInfo: Hashable, Codable, Sendable {
    /// Its place in the data set.
    public var index: Int
    /// What its file calls it, such as `demo_3` or `episode_000003`.
    public var name: String
    /// The file it lies in, relative to the data set.
    public var file: String
    /// The sentence that asks for the task; of an episode with several the first.
    public var instruction: String
    /// All of them in order where the task changes within the episode; empty otherwise.
    public var instructions: [String]
    /// The task's number: of the suite if one was given, else of the data set.
    public var taskIndex: Int
    /// Frames, as the metadata say.
    public var length: Int
    /// Whether it reached its goal; nil where the data do not tell.
    public var succeeded: Bool?

    public init(
        index: Int, name: String, file: String, instruction: String, taskIndex: Int, length: Int,
        succeeded: Bool? = nil, instructions: [String] = []
    ) {
        self.instructions = instructions
        (self.index, self.name, self.file, self.instruction) = (index, name, file, instruction)
        (self.taskIndex, self.length, self.succeeded) = (taskIndex, length, succeeded)
    }
}
