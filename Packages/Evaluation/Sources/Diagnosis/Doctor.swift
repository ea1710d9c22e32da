public import RobotInterface
public import Evaluation
public import Foundation
import VLAPolicy
import LiberoData
import TensorCore

/// Finds out why a policy fails: compares checkpoint, data and world, undoes known mistakes one by one, and names the one
/// that explains the symptoms.
///
///     let report = try Doctor(checkpoint: folder, data: demonstrations).examine(in: environment)
///     print(report.text)
///
/// It reads files and queries the policy; it changes nothing.
public struct Doctor: Sendable {
    public struct Options: Hashable, Codable, Sendable {
        /// Demonstration frames at which the policy is queried.
        public var frameCount = 64
        /// Demonstrations that are replayed in the world.
        public var replayCount = 2
        /// Episodes that the policy runs in the world.
        public var episodeCount = 2
        /// Maximum steps of such an episode.
        public var stepLimit = 220
        /// Time budget in seconds for queries with altered inputs; a slow policy is queried at fewer frames.
        public var searchSeconds = 60.0

        public init() {}
    }

    public let checkpoint: URL
    public let data: URL
    public var options: Options
    /// How the policy is run in the end, where that is not the checkpoint's own way: a server's client, another program.
    public var served: (any Policy)?
    /// The folder of an evaluation of this policy.
    public var evaluation: URL?

    public init(checkpoint: URL, data: URL, options: Options = Options()) {
        (self.checkpoint, self.data, self.options) = (checkpoint, data, options)
    }

    /// Examines without a world; checks that need one are skipped.
    public func examine() -> DoctorReport { examine(in: NoWorld?.none) }

    /// Examines checkpoint, data and world.
    ///
    /// - Parameters:
    ///   - world: The environment the policy acts in; `nil` skips replays and episodes.
    ///   - tasks: Numbers of the world's tasks; `nil` for those of the demonstrations.
    ///   - progress: Called with the name of each check before it is made.
    public func examine<World: Environment>(
        in world: World?, tasks: [Int]? = nil, progress: (String) -> Void = { _ in }
    ) -> DoctorReport {
        var diagnosisRun = DiagnosisRun(self)
        let start = ContinuousClock.now
        diagnosisRun.run(in: world, tasks: tasks, progress: progress)
        diagnosisRun.report.rank()
        diagnosisRun.report.seconds = (ContinuousClock.now - start).inSeconds
        return diagnosisRun.report
    }
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

/// What is known while a policy is examined.
struct DiagnosisRun {
    let doctor: Doctor
    var report = DoctorReport()
    var subject: PolicyUnderTest?
    var dataset: LiberoDataset?
    var sample: FrameSample?
    /// The policy at the sample as it is.
    var trial: Trial?
    var base: Trial.Outcome?
    var fingerprints: FingerprintSearch?

    var options: Doctor.Options { doctor.options }

    init(_ doctor: Doctor) { self.doctor = doctor }

    mutating func run<World: Environment>(in world: World?, tasks: [Int]?, progress: (String) -> Void) {
        step("checkpoint", progress) { try $0.readCheckpoint() }
        step("data", progress) { try $0.readData() }
        step("run log", progress) { try $0.readLog() }
        step("evaluation", progress) { try $0.readEvaluation() }
        guard subject != nil else { return }
        step("weights", progress) { try $0.examineWeights() }
        step("recipe", progress) { $0.compareWithRecipe() }
        if sample != nil {
            step("statistics", progress) { try $0.compareStatistics() }
            step("motion", progress) { try $0.compareMotion() }
            step("inputs", progress) { try $0.compareInputs() }
            if base != nil {
                step("paths", progress) { try $0.comparePaths() }
                step("search", progress) { try $0.search() }
                step("actions", progress) { try $0.examineActions() }
                step("sensitivity", progress) { try $0.examineSensitivity() }
                step("decoding", progress) { try $0.examineDecoding() }
                step("inference", progress) { try $0.examineServed() }
            }
        }
        step("layouts", progress) { try $0.examineLayouts() }
        if let world {
            var check = WorldCheck(world, tasks: tasks)
            step("world", progress) { try check.compare(&$0) }
            step("episodes", progress) { try check.act(&$0) }
        } else {
            for name in ["world", "episodes"] { report.checks.append(Check(name, .skipped, "no world was given")) }
        }
        explain()
    }

    /// One check: what it throws is its outcome, never the end of the diagnosisRun.
    private mutating func step(
        _ name: String, _ progress: (String) -> Void, _ body: (inout DiagnosisRun) throws -> Check?
    ) {
        progress(name)
        let start = ContinuousClock.now
        var check: Check?
        do { check = try body(&self) } catch { check = Check(name, .skipped, "\(error)") }
        guard var check else { return }
        check.seconds = (ContinuousClock.now - start).inSeconds
        report.checks.append(check)
    }
}

/// In place of a world where there is none.
struct NoWorld: Environment {
    var description: EnvironmentDescription { fatalError("there is no world") }
    var instruction: String { "" }
    var stateHash: UInt64 { 0 }
    mutating func reset(to start: EpisodeStart) throws -> Observation { fatalError("there is no world") }
    mutating func step(_ action: [Double]) throws -> EnvironmentStep { fatalError("there is no world") }
}
