/// How a policy is tried: everything that decides an episode besides the policy and the environment.
///
/// Two success rates can be compared when their rules are equal.
public struct EvaluationRules: Hashable, Codable, Sendable {
    /// Where episodes begin.
    public enum Starts: String, CaseIterable, Codable, Sendable {
        /// Episode k of a task begins in its stored initial state k.
        case stored
        /// Every episode draws its own.
        case drawn
    }

    /// How far the starts are moved; the seed of each draw comes from the episode's.
    public struct Perturbation: Hashable, Codable, Sendable {
        /// The objects the goal speaks of, in x and in y, metres.
        public var targetRange: Double
        /// The others, in x and in y, metres.
        public var otherRange: Double
        /// The standard deviation added to each joint of the arm, radians.
        public var armNoise: Double
        /// Whether things that can be carried take each other's places; nil for no.
        public var exchangesPlaces: Bool?

        public init(
            targetRange: Double = 0, otherRange: Double = 0, armNoise: Double = 0, exchangesPlaces: Bool? = nil
        ) {
            self.targetRange = targetRange
            self.otherRange = otherRange
            self.armNoise = armNoise
            self.exchangesPlaces = exchangesPlaces
        }
    }

    public var episodesPerTask: Int
    /// Steps before the policy is asked, in which what was placed comes to rest; success does not count in them.
    public var settlingStepCount: Int
    /// What the robot is told in them; nil for zeros.
    public var settlingAction: [Double]?
    /// Steps of the policy after which an episode has failed.
    public var stepLimit: Int
    public var execution: ChunkExecution
    public var starts: Starts
    /// Nil for the starts as they are.
    public var perturbation: Perturbation?
    /// Every episode's seed is drawn from it.
    public var seed: UInt64
    /// The seed given to the environment once a task; with stored starts it decides where fixtures stand.
    public var environmentSeed: UInt32
    /// Width and height of the images the environment makes; nil for those the policy asks for.
    public var imageSize: Int?
    /// How images are rendered; nil for what the policy asks for.
    public var renderProfile: String?
    /// Sentences that the policy is told in place of the tasks' own, by the task's number; success is still the task's.
    ///
    /// Tells whether it listens.
    public var instructions: [Int: String]?
    /// Tasks whose goals count in place of the tasks' own, by the task's number.
    ///
    /// With ``instructions`` it tells whether a policy does what it is told where something else stands ready as well.
    public var goalTasks: [Int: Int]?
    /// Whether the world goes on while the policy computes, and how; nil for a world that waits.
    public var realTime: RealTime?

    private enum CodingKeys: String, CodingKey {
        case episodesPerTask, settlingStepCount, settlingAction, stepLimit, execution, starts, perturbation, seed
        case environmentSeed, renderProfile, instructions, goalTasks, realTime
        // the name in files since version 0.1
        case imageSize = "pictureSize"
    }

    public init(
        episodesPerTask: Int = 50, settlingStepCount: Int = 10, settlingAction: [Double]? = nil, stepLimit: Int,
        execution: ChunkExecution = .openLoop(replanInterval: nil), starts: Starts = .stored,
        perturbation: Perturbation? = nil, seed: UInt64 = 7, environmentSeed: UInt32 = 0, imageSize: Int? = nil,
        renderProfile: String? = nil, instructions: [Int: String]? = nil, goalTasks: [Int: Int]? = nil,
        realTime: RealTime? = nil
    ) {
        precondition(
            episodesPerTask > 0 && settlingStepCount >= 0 && stepLimit > 0,
            "EvaluationRules: \(episodesPerTask) episodes, \(settlingStepCount) settling steps, limit \(stepLimit)")
        self.episodesPerTask = episodesPerTask
        self.settlingStepCount = settlingStepCount
        self.settlingAction = settlingAction
        self.stepLimit = stepLimit
        self.execution = execution
        self.starts = starts
        self.perturbation = perturbation
        self.seed = seed
        self.environmentSeed = environmentSeed
        self.imageSize = imageSize
        self.renderProfile = renderProfile
        self.instructions = instructions
        self.goalTasks = goalTasks
        self.realTime = realTime
    }
}

extension EvaluationRules {
    /// Whose goal counts where the policy is told other sentences than the tasks' own, for people to read; nil where it is
    /// not.
    public var goalNote: String? {
        if goalTasks != nil { return "The goals of other tasks counted, not of those whose scenes these are." }
        return instructions == nil
            ? nil : "The policy was told other sentences than the tasks' own; the tasks' own goals counted."
    }

    /// That the world went on while the policy computed, for people to read; nil where it waited.
    public var realTimeNote: String? {
        realTime.map {
            "The world went on while the policy computed"
                + ($0.latency.map { ", as if each answer took \($0) s." } ?? ", as long as each answer took.")
        }
    }

    /// Rules that are in use.
    public enum Preset: String, CaseIterable, Codable, Sendable {
        /// LIBERO's protocol: 50 stored starts a task, 10 steps with an open gripper to settle, the suite's limit.
        case libero
        /// OpenVLA's: 256² images, a new action every step, seeds 7 and 0.
        case openVLA = "openvla"
        /// openpi's: 256² images, a new chunk every 5 steps, both seeds 7.
        case openpi
        /// The 2025 microVLA report's: 256² images, 5 steps of zeros to settle, at most 350 steps.
        case microVLA2025 = "microvla2025"
    }

    /// The rules of a preset on LIBERO's robot; `suiteLimit` is the suite's own step limit.
    public init(_ preset: Preset, suiteLimit: Int) {
        let openGripper: [Double] = [0, 0, 0, 0, 0, 0, -1]
        switch preset {
        case .libero: self.init(settlingAction: openGripper, stepLimit: suiteLimit)
        case .openVLA:
            self.init(
                settlingAction: openGripper, stepLimit: suiteLimit, execution: .openLoop(replanInterval: 1),
                imageSize: 256)
        case .openpi:
            self.init(
                settlingAction: openGripper, stepLimit: suiteLimit, execution: .openLoop(replanInterval: 5),
                environmentSeed: 7, imageSize: 256)
        case .microVLA2025:
            self.init(
                settlingStepCount: 5, stepLimit: 350, execution: .openLoop(replanInterval: 1), imageSize: 256)
        }
    }
}
