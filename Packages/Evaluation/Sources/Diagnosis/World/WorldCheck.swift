import RobotInterface
import ActionTokenizer
import Evaluation
import Foundation
import ImageProcessing
import LiberoData
import TensorCore
import VLAPolicy

/// Compares a world with the data, and lets the policy act in it.
struct WorldCheck<World: Environment> {
    var world: World
    let tasks: [Int]?
    /// Starts of the demonstrations that were compared, for the policy to begin at.
    var starts: [EpisodeStart] = []
    /// How near a replayed demonstration came to what its task is about, metres, by task.
    var reaches: [Int: Double] = [:]

    init(_ world: World, tasks: [Int]?) { (self.world, self.tasks) = (world, tasks) }

    /// A demonstration begun again.
    struct Replay {
        var start: EpisodeStart
        /// Where the data hold states of the simulator in place of how an episode began.
        var simulatorState: [Double]?
        var episode: LiberoEpisode
        var actions: NumberColumn
        /// Steps before the first recorded frame.
        var settlingCount: Int
        var settlingAction: [Double]
        /// The state is the recorded one to this, in metres and radians, under the change if one was needed.
        var distance: Double
        var change: Alteration?
    }

    // MARK: - Data and world

    mutating func compare(_ diagnosisRun: inout DiagnosisRun) throws -> Check {
        guard let dataset = diagnosisRun.dataset, let subject = diagnosisRun.subject else {
            return Check("world", .skipped, "there are no data")
        }
        let description = world.description
        let differences = try subject.policy.requirements.differences(from: description)
        diagnosisRun.report.addDifferences(differences, between: "the world", place: .world)

        var replays: [Replay] = []
        for index in chosen(dataset, limit: diagnosisRun.options.replayCount) {
            if let replay = try begin(dataset.episode(index)) { replays.append(replay) }
        }
        guard !replays.isEmpty else {
            return Check(
                "world", differences.isEmpty ? .skipped : .sick,
                "no demonstration of its tasks says how it began (episode_start)")
        }
        starts = replays.map(\.start)
        let before = diagnosisRun.report.findings.count
        var details: [String] = []
        let exact = replays.allSatisfy { $0.distance < 1e-3 }
        try compareStates(replays, &diagnosisRun)
        details.append(
            exact
                ? "starts are the recorded ones"
                : "starts differ by \(Evidence.short(replays.map(\.distance).max() ?? 0))")
        details += try compareMotion(replays, &diagnosisRun)
        details += try compareImages(replays, &diagnosisRun)
        try compareWords(replays, &diagnosisRun)
        settlePlaces(&diagnosisRun)
        return Check(
            "world", diagnosisRun.report.findings.count > before || !differences.isEmpty ? .sick : .sound,
            details.joined(separator: "; "))
    }

    /// Demonstrations that this world knows: of different tasks first, then others of these.
    func chosen(_ dataset: LiberoDataset, limit: Int) -> [Int] {
        var seen: [Int: Int] = [:]
        var result: [Int] = []
        for perTask in 1...max(limit, 1) {
            for info in dataset.episodes where info.succeeded != false && !result.contains(info.index) {
                guard result.count < limit else { return result }
                guard seen[info.taskIndex, default: 0] < perTask, let episode = try? dataset.episode(info.index),
                    let (start, _) = start(of: episode), world.description.tasks.indices ~= start.task,
                    tasks?.contains(start.task) ?? true
                else { continue }
                seen[info.taskIndex, default: 0] += 1
                result.append(info.index)
            }
        }
        return result
    }

    /// How a demonstration began: as its recorder says, or in the simulator's state of its first frame.
    func start(of episode: LiberoEpisode) -> (EpisodeStart, simulatorState: [Double]?)? {
        if let text = try? episode.attributes()["episode_start"],
            let start = try? JSONDecoder().decode(EpisodeStart.self, from: Data(text.utf8))
        {
            return (start, nil)
        }
        guard world is any StateRestoring, let states = try? episode.column(ColumnName.simulatorState), states.count > 0
        else { return nil }
        // the task by its name, which the file has
        let file = URL(fileURLWithPath: episode.info.file).deletingPathExtension().lastPathComponent
        let words = episode.instruction.lowercased().replacingOccurrences(of: " ", with: "_")
        guard
            let task = world.description.tasks.firstIndex(where: { file == $0 || file == $0 + "_demo" })
                ?? world.description.tasks.firstIndex(where: { $0.lowercased().hasSuffix(words) })
        else { return nil }
        return (EpisodeStart(task: task, placement: .drawn(seed: 0)), Array(states[0]))
    }

    mutating func begin(at start: EpisodeStart, _ simulatorState: [Double]?) throws -> Observation {
        guard let simulatorState else { return try world.reset(to: start) }
        guard var restoring = world as? any StateRestoring else { return try world.reset(to: start) }
        let observation = try restoring.restore(task: start.task, simulatorState: simulatorState)
        if let restored = restoring as? World { world = restored }
        return observation
    }

    /// Finds how many settling steps lie before the first frame, by the hand's pose.
    mutating func begin(_ episode: LiberoEpisode) throws -> Replay? {
        guard let (start, state) = start(of: episode), let wanted = try episode.state(at: 0).numbers else { return nil }
        let actions = (try? episode.column("executed_action")) ?? episode.actions
        let width = world.description.actionSpace.dimensionCount
        let open = GripperCoding.command(closing: false, world.description.actionSpace.gripperConvention)
        let changes = [nil] + Alteration.ofState(usual: wanted).map(Optional.some)
        var best: Replay?
        for gripper in [open, 0] {
            let settling = (0..<width).map { $0 == width - 1 ? gripper : 0 }
            var observation = try begin(at: start, state)
            // a simulator's state is that of the frame itself
            for count in 0...(state == nil ? 15 : 0) {
                if let found = observation.state {
                    for change in changes {
                        guard let numbers = Self.changed(found, change)?.numbers else { continue }
                        // the fingers may be on their way
                        let distance = (0..<6).map { abs(numbers[$0] - wanted[$0]) }.max()!
                        if distance < (best?.distance ?? .infinity) * (change == nil ? 1 : 0.5) {
                            best = Replay(
                                start: start, simulatorState: state, episode: episode, actions: actions,
                                settlingCount: count, settlingAction: settling, distance: distance, change: change)
                        }
                    }
                }
                observation = try world.step(settling).observation
            }
            if let best, best.distance < 1e-3 { return best }
        }
        // a change that does not make them equal is no explanation
        if let distance = best?.distance, distance > 0.02 { best?.change = nil }
        return best
    }

    static func changed(_ state: RobotState, _ change: Alteration?) -> RobotState? {
        guard let change else { return state }
        // the changes of states look at nothing else
        let observation = Observation(cameras: [:], state: state, instruction: "")
        return try? change.observation?(observation, .nothing)?.state
    }

    mutating func rewind(_ replay: Replay) throws -> Observation {
        var observation = try begin(at: replay.start, replay.simulatorState)
        for _ in 0..<replay.settlingCount { observation = try world.step(replay.settlingAction).observation }
        return observation
    }

    /// Which side a cause lies on: where undoing it at the data made the policy agree, policy and world are of one mind.
    func side(_ cause: Cause, _ diagnosisRun: DiagnosisRun) -> Place {
        diagnosisRun.report.findings.contains { $0.cause == cause && $0.place == .checkpointOrData } ? .data : .world
    }

    mutating func compareStates(_ replays: [Replay], _ diagnosisRun: inout DiagnosisRun) throws {
        let changes = replays.compactMap(\.change)
        if let change = changes.first, changes.count == replays.count {
            diagnosisRun.report.add(
                Finding(
                    change.cause, in: side(change.cause, diagnosisRun), .proof, certainty: 0.93,
                    detail: "The state at the start of a demonstration is the recorded one only with \(change.what).",
                    evidence: [Evidence("difference with the change", replays[0].distance, expected: 0)],
                    remedy: change.remedy))
        }
        guard let replay = replays.max(by: { $0.distance < $1.distance }) else { return }
        guard let state = try rewind(replay).state, let seen = Self.changed(state, replay.change)?.numbers,
            let wanted = try replay.episode.state(at: 0).numbers
        else { return }
        if replay.distance > 0.02, changes.isEmpty {
            let way = (0..<3).map { wanted[$0] - seen[$0] }
            diagnosisRun.report.add(
                Finding(
                    .stateOffset, in: side(.stateOffset, diagnosisRun), .proof, certainty: 0.7,
                    detail: "At the start of a demonstration the hand was recorded elsewhere than the world has it.",
                    evidence: zip(["x", "y", "z"], way).map {
                        Evidence("recorded minus the world's \($0), m", $1, expected: 0)
                    },
                    remedy:
                        "compare the frames in which the position is given; check that the assets are those the data "
                        + "were recorded with (vla info)"))
        }
        // the fingers, where the rest agrees
        let fingers = (6..<8).map { abs(seen[$0] - wanted[$0]) }.max()!
        guard replay.distance < 1e-3, fingers > 0.01 else { return }
        for change in Alteration.ofState(usual: nil) where change.cause == .fingers {
            guard let other = Self.changed(state, change)?.numbers else { continue }
            if (6..<8).allSatisfy({ abs(other[$0] - wanted[$0]) < 0.1 * fingers }) {
                diagnosisRun.report.add(
                    Finding(
                        .fingers, in: side(.fingers, diagnosisRun), .proof, certainty: 0.9,
                        detail: "The fingers are the recorded ones only with \(change.what).",
                        evidence: [Evidence("difference as given, m", fingers, expected: 0)], remedy: change.remedy))
            }
        }
    }

    /// Where a mistake lies, now that a third side is known: the world agrees with the data.
    func settlePlaces(_ diagnosisRun: inout DiagnosisRun) {
        for index in diagnosisRun.report.findings.indices
        where diagnosisRun.report.findings[index].place == .checkpointOrData {
            diagnosisRun.report.findings[index].place = .checkpoint
        }
    }
}

extension Frame {
    /// For changes that depend only on the observation.
    static let nothing = Frame(
        episode: 0, frame: 0, task: 0, observation: Observation(cameras: [:], state: nil, instruction: ""),
        target: ActionChunk([[0]]), validCount: 1, progress: 0, neighbour: { _ in nil }, shifted: { _ in nil },
        example: PolicyExample(
            observation: Observation(cameras: [:], state: nil, instruction: ""), actions: ActionChunk([[0]])))
}
