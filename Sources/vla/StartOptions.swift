import ArgumentParser
import Evaluation

/// The options that say how starts are changed.
struct StartOptions: ParsableArguments {
    @Option(help: "Displace the objects of the goal by up to this distance, metres.")
    var targetJitter = 0.0

    @Option(help: "Displace the other objects by up to this distance, metres.")
    var distractorJitter = 0.0

    @Flag(
        help: ArgumentHelp(
            "Let the objects that can be carried take each other's places. For suites whose instructions name objects, "
                + "not places."))
    var permuteObjects = false

    @Option(help: "Standard deviation of noise on the initial joint positions, radians.")
    var armNoise = 0.0

    func validate() throws {
        for (name, value) in [
            ("target-jitter", targetJitter), ("distractor-jitter", distractorJitter), ("arm-noise", armNoise),
        ] where !(0...1).contains(value) {
            throw ValidationError("--\(name) is \(value); it has to lie in 0...1.")
        }
    }

    /// `nil` for starts as they are.
    var perturbation: EvaluationRules.Perturbation? {
        guard targetJitter > 0 || distractorJitter > 0 || armNoise > 0 || permuteObjects else { return nil }
        return EvaluationRules.Perturbation(
            targetRange: targetJitter, otherRange: distractorJitter, armNoise: armNoise,
            exchangesPlaces: permuteObjects ? true : nil)
    }
}
