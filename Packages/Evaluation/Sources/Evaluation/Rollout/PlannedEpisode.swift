public import TensorCore

/// One episode of an evaluation, enough to run it again: it does not depend on the others or on who runs it.
public struct PlannedEpisode: Hashable, Codable, Sendable {
    /// The task's number in its suite.
    public var task: Int
    /// Which of the task's episodes, from 0.
    public var number: Int
    public var start: EpisodeStart
    /// Decides what the policy draws.
    public var seed: UInt64

    public init(task: Int, number: Int, start: EpisodeStart, seed: UInt64) {
        self.task = task
        self.number = number
        self.start = start
        self.seed = seed
    }

    /// Episode `number` of a task under the rules: the same whatever else is run.
    public init(task: Int, number: Int, rules: EvaluationRules) {
        // one stream of draws per task and number
        var generator = PhiloxGenerator(seed: rules.seed, stream: UInt64(task) << 32 | UInt64(number))
        let (seed, placementSeed, perturbationSeed) = (generator.next(), generator.next(), generator.next())
        let placement: EpisodeStart.Placement =
            switch rules.starts {
            case .stored: .stored(index: number)
            case .drawn: .drawn(seed: placementSeed)
            }
        let perturbation = rules.perturbation.map {
            StartPerturbation(
                targetRange: $0.targetRange, otherRange: $0.otherRange, armNoise: $0.armNoise,
                exchangesPlaces: $0.exchangesPlaces, seed: perturbationSeed)
        }
        self.init(
            task: task, number: number,
            start: EpisodeStart(
                task: task, placement: placement, perturbation: perturbation, goalTask: rules.goalTasks?[task]),
            seed: seed)
    }

    /// A generator of this episode's own; different purposes take different streams.
    public func generator(stream: UInt64) -> PhiloxGenerator { PhiloxGenerator(seed: seed, stream: stream) }
}
