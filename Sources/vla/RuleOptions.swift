import RobotInterface
import ActionTokenizer
import ArgumentParser
import Evaluation
import LiberoEvaluation

extension EvaluationRules.Preset: ExpressibleByArgument {}
extension EvaluationRules.Starts: ExpressibleByArgument {}
extension EvaluationRequest.CountedGoal: ExpressibleByArgument {}

/// The options that say how a policy is tried.
struct RuleOptions: ParsableArguments {
    @Option(help: "Rules to begin with; the options below change single ones.")
    var rules: EvaluationRules.Preset = .libero

    @Option(help: "Episodes per task. Default: 50.")
    var episodes: Int?

    @Option(help: "Steps before the policy acts. Default: 10; 5 in the rules 'microvla2025'.")
    var settlingSteps: Int?

    @Option(
        help:
            "What the robot is told in them, such as 0,0,0,0,0,0,-1. Default: that; zeros in the rules 'microvla2025'.")
    var settlingAction: ActionNumbers?

    @Option(help: "Steps of the policy after which an episode has failed. Default: the suite's.")
    var stepLimit: Int?

    @Option(help: "Actions carried out before the policy is asked again. Default: the whole chunk.")
    var replanInterval: Int?

    @Option(help: "Ask at every step and average what was predicted, with weights exp(-DECAY i).")
    var ensemble: Double?

    @Option(help: "Where episodes begin: the benchmark's stored states, or freshly drawn ones.")
    var starts: EvaluationRules.Starts?

    @OptionGroup var change: StartOptions

    @Option(help: "Decides every draw of the evaluation. Default: 7.")
    var seed: UInt64?

    @Option(help: "The seed of the simulator's own resets. Default: 0; 7 in the rules 'openpi'.")
    var environmentSeed: UInt32?

    @Option(help: "Give the policy this instruction in place of each task's own; '' for none.")
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
        for (name, value) in [
            ("episodes", episodes), ("step-limit", stepLimit), ("replan-interval", replanInterval),
        ] {
            if let value, value < 1 { throw ValidationError("--\(name) is \(value); it has to be at least 1.") }
        }
        if let settlingAction, settlingAction.numbers.count != ActionSpace.libero.dimensionCount {
            throw ValidationError(
                "--settling-action has \(settlingAction.numbers.count) numbers; the robot takes "
                    + "\(ActionSpace.libero.dimensionCount).")
        }
        if let settlingSteps, settlingSteps < 0 { throw ValidationError("--settling-steps is \(settlingSteps).") }
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
        if let settlingAction { result.settlingAction = settlingAction.numbers }
        if let stepLimit { result.stepLimit = stepLimit }
        if let replanInterval { result.execution = .openLoop(replanInterval: replanInterval) }
        if let ensemble { result.execution = .ensembled(decay: ensemble) }
        result.perturbation = change.perturbation
        if let seed { result.seed = seed }
        if let environmentSeed { result.environmentSeed = environmentSeed }
        return result
    }
}

/// An action: `0,0,0,0,0,0,-1`.
struct ActionNumbers: ExpressibleByArgument, Hashable {
    var numbers: [Double]

    init?(argument: String) {
        let words = argument.split(separator: ",", omittingEmptySubsequences: false)
        numbers = words.compactMap { Double($0) }.filter(\.isFinite)
        if numbers.count != words.count { return nil }
    }
}
