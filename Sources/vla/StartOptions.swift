import ArgumentParser
import Evaluation

/// The options that say how starts are changed.
struct StartOptions: ParsableArguments {
    @Option(help: "Move the objects the goal speaks of by up to this, metres.")
    var moveTarget = 0.0

    @Option(help: "Move the other objects by up to this, metres.")
    var moveOthers = 0.0

    @Flag(
        help: ArgumentHelp(
            "Let the things that can be carried take each other's places. For suites whose sentences name things, not "
                + "places."))
    var exchangePlaces = false

    @Option(help: "Deviation added to each joint of the arm at the start, radians.")
    var armNoise = 0.0

    func validate() throws {
        for (name, value) in [
            ("move-target", moveTarget), ("move-others", moveOthers), ("arm-noise", armNoise),
        ] where !(0...1).contains(value) {
            throw ValidationError("--\(name) is \(value); it has to lie in 0...1.")
        }
    }

    /// Nil for starts as they are.
    var perturbation: EvaluationRules.Perturbation? {
        guard moveTarget > 0 || moveOthers > 0 || armNoise > 0 || exchangePlaces else { return nil }
        return EvaluationRules.Perturbation(
            targetRange: moveTarget, otherRange: moveOthers, armNoise: armNoise,
            exchangesPlaces: exchangePlaces ? true : nil)
    }
}
