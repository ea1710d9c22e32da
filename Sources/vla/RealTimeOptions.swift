import ArgumentParser
import Evaluation
import LiberoEvaluation

/// The options of a world that goes on while the policy computes.
struct RealTimeOptions: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            "Let the world go on while the policy computes, by the time that each answer really takes. Such episodes "
                + "differ from run to run; their records replay."))
    var realTime = false

    @Option(
        help: ArgumentHelp(
            "Let the world go on while the policy computes, as if each answer took so many seconds; repeatable."))
    var latency: Double?

    func validate() throws {
        if let latency, !(0...60).contains(latency) {
            throw ValidationError("--latency is \(latency); it has to lie in 0...60 seconds.")
        }
        if realTime, latency != nil { throw ValidationError("--real-time and --latency exclude each other.") }
    }

    /// `nil` for a world that waits.
    var rules: RealTime? { realTime ? RealTime() : latency.map { RealTime(latency: $0) } }

    /// Adds them to the request's rules.
    func apply(to request: inout EvaluationRequest) {
        guard let realTime = rules else { return }
        let before = request.rules
        request.rules = { limit in
            var rules = before(limit)
            rules.realTime = realTime
            return rules
        }
    }
}
