public import RobotInterface

/// Where a checkpoint comes from.
public struct TrainingRecord: Hashable, Codable, Sendable {
    public var recipe: PolicyRecipe?
    /// The data's name and the hash of its content.
    public var data: String
    public var dataHash: String
    /// Content hashes of the checkpoints it was trained on from, like the parents of a commit.
    public var parents: [String]
    /// The update whose weights these are, and updates of the whole run.
    public var step: Int
    public var stepCount: Int
    /// Examples seen until then.
    public var exampleCount: Int
    /// Validation numbers of these weights.
    public var metrics: [String: Double]
    /// What the training images of each camera look like, for finding images that only seem right; nil in old files.
    public var images: [CameraName: ImageFingerprint]?
    /// What the trained model predicts for known inputs, for finding weights that were changed since; nil in old files.
    public var check: PredictionCheck?
    /// Version of the program that wrote it.
    public var program: String

    private enum CodingKeys: String, CodingKey {
        case recipe, data, dataHash, parents, step, stepCount, exampleCount, metrics, check, program
        // the name in files since version 0.1
        case images = "pictures"
    }

    public init(
        recipe: PolicyRecipe? = nil, data: String, dataHash: String, parents: [String] = [], step: Int = 0,
        stepCount: Int = 0, exampleCount: Int = 0, metrics: [String: Double] = [:], program: String = ""
    ) {
        self.recipe = recipe
        self.data = data
        self.dataHash = dataHash
        self.parents = parents
        self.step = step
        self.stepCount = stepCount
        self.exampleCount = exampleCount
        self.metrics = metrics
        self.program = program
    }
}
