import FileSupport
import RobotInterface
import ArgumentParser
import Evaluation
import LiberoEvaluation

extension EvaluationRules.Preset: ExpressibleByArgument {}
extension EvaluationRules.Starts: ExpressibleByArgument {}
extension EvaluationRequest.CountedGoal: ExpressibleByArgument {}

/// The options that say how a policy is tried.
struct RuleOptions: ParsableArguments {
    @Option(help: "Evaluation protocol; the options below override single settings.")
    var rules: EvaluationRules.Preset = .libero

    @Option(help: "Episodes per task. Default: 50.")
    var episodes: Int?

    @Option(help: "Settling steps before the policy acts. Default: 10; 5 in the rules 'microvla2025'.")
    var settlingSteps: Int?

    @Option(
        help:
            "What the robot is told in them, such as 0,0,0,0,0,0,-1. Default: that; zeros in the rules 'microvla2025'.")
    var settlingAction: NumberList?

    @Option(help: "Step limit of an episode. Default: the suite's.")
    var stepLimit: Int?

    @Option(help: "Actions executed before the policy is queried again. Default: the whole chunk.")
    var replanInterval: Int?

    @Option(help: "Query at every step and average the predictions with weights exp(-DECAY i).")
    var ensemble: Double?

    @Option(help: "Initial states: the benchmark's stored ones or random ones.")
    var starts: EvaluationRules.Starts?

    @OptionGroup var change: StartOptions

    @Option(help: "Random seed of the evaluation. Default: 7.")
    var seed: UInt64?

    @Option(help: "The seed of the simulator's own resets. Default: 0; 7 in the rules 'openpi'.")
    var environmentSeed: UInt32?

    @Option(help: "Instruction given to the policy in place of each task's own; '' for none.")
    var instruction: String?

    @Option(
        help: ArgumentHelp(
            "Give the policy the instruction of another task, the suite's next whose goal can be reached in the same "
                + "scene, and count that goal (told) or the scene's own."))
    var otherInstruction: EvaluationRequest.CountedGoal?

    func validate() throws {
        if instruction != nil, otherInstruction != nil {
            throw ValidationError("--instruction and --other-instruction exclude each other.")
        }
        try checkOptions { options throws(SettingError) in
            try options.check("--episodes", episodes, in: 1...1_000_000)
            try options.check("--step-limit", stepLimit, in: 1...999_999)
            try options.check("--replan-interval", replanInterval, in: 1...999_999)
            try options.check("--settling-steps", settlingSteps, in: 0...999_999)
            try options.check("--ensemble", ensemble, in: -1000...1000)
        }
        if let settlingAction, settlingAction.values.count != ActionSpace.libero.dimensionCount {
            throw ValidationError(
                "--settling-action has \(settlingAction.values.count) numbers; the robot takes "
                    + "\(ActionSpace.libero.dimensionCount).")
        }
        if replanInterval != nil, ensemble != nil {
            throw ValidationError("--replan-interval and --ensemble exclude each other.")
        }
    }

    /// Sets the request's rules, starts and instruction.
    func apply(to request: inout EvaluationRequest) {
        request.rules = { [self] in evaluationRules(suiteStepLimit: $0) }
        request.starts = starts
        request.instruction =
            otherInstruction.map { .ofOtherTask(counting: $0) } ?? instruction.map { .fixed($0) } ?? .own
    }

    private func evaluationRules(suiteStepLimit: Int) -> EvaluationRules {
        var result = EvaluationRules(rules, suiteLimit: suiteStepLimit)
        if let episodes { result.episodesPerTask = episodes }
        if let settlingSteps { result.settlingStepCount = settlingSteps }
        if let settlingAction { result.settlingAction = settlingAction.values }
        if let stepLimit { result.stepLimit = stepLimit }
        if let replanInterval { result.execution = .openLoop(replanInterval: replanInterval) }
        if let ensemble { result.execution = .ensembled(decay: ensemble) }
        result.perturbation = change.perturbation
        if let seed { result.seed = seed }
        if let environmentSeed { result.environmentSeed = environmentSeed }
        return result
    }
}
