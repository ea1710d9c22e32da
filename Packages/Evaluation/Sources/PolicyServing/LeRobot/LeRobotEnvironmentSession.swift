import Evaluation
import Foundation
import ImageProcessing
import RobotInterface

/// The worlds of one client of LeRobot's environment protocol.
///
/// Used under the lock of its service.
final class LeRobotEnvironmentSession {
    private struct Episode {
        var observation: Observation
        var isSuccess = false
        var stepCount: Int64 = 0
        /// The last images, by camera.
        var images: [CameraName: RGBImage] = [:]
    }

    let identifier = UUID().uuidString.replacingOccurrences(of: "-", with: "").lowercased()
    let openedAt = ContinuousClock.now
    private(set) var generation: Int64 = 0
    /// Of this generation.
    var seenRequests: Set<String> = []
    var requestCount = 0
    private(set) var isFaulted = false

    private let worlds = WorldSet<Episode?>()
    private let task: Int
    private let group: LeRobotEnvironmentConfiguration.TaskGroup
    private let configuration: LeRobotEnvironmentConfiguration
    private let initialStateCount: Int
    private let dimensionCount: Int
    private var resetCounts: [Int]
    private var tickCount = 0
    private var sequence: Int64 = 0
    private var lastExecution: WireMap?

    init(
        _ environments: [any Environment], task: Int, group: LeRobotEnvironmentConfiguration.TaskGroup,
        _ configuration: LeRobotEnvironmentConfiguration
    ) throws {
        (self.task, self.group, self.configuration) = (task, group, configuration)
        let description = environments[0].description
        guard description.actionSpace == .libero, description.cameras[.agentView] != nil,
            description.cameras[.wrist] != nil, description.tasks.indices ~= task
        else { throw LeRobotError(.incompatible, "the worlds are none of LIBERO's robot, or lack the task") }
        initialStateCount = description.initialStateCounts[task]
        dimensionCount = description.actionSpace.dimensionCount
        resetCounts = [Int](repeating: 0, count: environments.count)
        for environment in environments { worlds.append(environment, nil) }
    }

    private var count: Int { worlds.count }
    private var all: [Int] { Array(0..<count) }

    // MARK: Episodes

    func begin(seeds: [Int?]) throws { try reset(all, seeds: seeds) }

    /// World i begins with initial state i, and moves on by the number of worlds at each of its resets. Where no states
    /// are stored, the seed draws the start, else the number that the state would have.
    private func reset(_ numbers: [Int], seeds: [Int?]) throws {
        let starts = zip(numbers, seeds).map { number, seed in
            let index = number + count * resetCounts[number]
            return EpisodeStart(
                task: task,
                placement: initialStateCount > 0
                    ? .stored(index: index % initialStateCount)
                    : .drawn(seed: UInt64(bitPattern: Int64(seed ?? index))))
        }
        var still = [Double](repeating: 0, count: dimensionCount)
        still[dimensionCount - 1] = -1
        let (settling, settlingStepCount) = (still, configuration.settlingStepCount)
        try faulting {
            try worlds.forEach(numbers) { index, member in
                var observation = try member.world.reset(to: starts[index])
                for _ in 0..<settlingStepCount { observation = try member.world.step(settling).observation }
                member.state = try Self.seen(Episode(observation: observation))
            }
        }
        for number in numbers { resetCounts[number] += 1 }
    }

    /// Draws the images, which a later answer may repeat.
    private static func seen(_ episode: Episode) throws -> Episode {
        var episode = episode
        for (name, frame) in episode.observation.cameras { episode.images[name] = try frame.image() }
        return episode
    }

    /// A failure while worlds move faults the session.
    private func faulting(_ body: () throws -> Void) throws {
        do { try body() } catch {
            isFaulted = true
            throw error
        }
    }

    private func hasEnded(_ episode: Episode?) -> Bool {
        guard let episode else { return true }
        return episode.isSuccess || episode.stepCount >= group.stepLimit
    }

    // MARK: Operations

    func reset(_ request: LeRobotEnvelope) throws -> WireMap {
        var numbers = all
        if let value = request.body["env_ids"], value != .null {
            guard let list = value.integers, !list.isEmpty, Set(list).count == list.count,
                list.allSatisfy({ 0..<count ~= $0 })
            else { throw LeRobotError(.incompatible, "env_ids are no different numbers in 0..<\(count)") }
            numbers = list
        }
        let seeds = try LeRobotEnvironmentService.seeds(request.body["seeds"], count: numbers.count)
        try reset(numbers, seeds: seeds)
        generation += 1
        (seenRequests, lastExecution) = ([], nil)
        if numbers.count == count { tickCount = 0 }
        return WireMap([(.text("generation"), .integer(generation)), (.text("result"), .map(try result()))])
    }

    func step(_ request: LeRobotEnvelope) throws -> WireMap {
        guard request.body["n_ticks"]?.int == 1 else { throw LeRobotError(.unsupported, "n_ticks is not 1") }
        guard case .array(let array)? = request.body["actions"], array.type.element == .float32,
            array.shape == [count, dimensionCount], let numbers = array.doubles()
        else {
            throw LeRobotError(.incompatible, "actions are no float32 of shape [\(count), \(dimensionCount)]")
        }
        let start = Self.now
        let moving = all.filter { !hasEnded(worlds.members[$0].state) }
        try faulting {
            try worlds.forEach(moving) { index, member in
                let first = moving[index] * dimensionCount
                let step = try member.world.step(Array(numbers[first..<first + dimensionCount]))
                var episode = Episode(observation: step.observation)
                episode.isSuccess = step.isSuccess
                episode.stepCount = (member.state?.stepCount ?? 0) + 1
                member.state = try Self.seen(episode)
            }
        }
        tickCount += 1
        sequence += 1
        var applied = numbers.map { Float($0) }
        for world in all where !moving.contains(world) {
            for index in 0..<dimensionCount { applied[world * dimensionCount + index] = 0 }
        }
        let execution = WireMap([
            (.text("request_id"), .text(request.requestID)), (.text("generation"), .integer(generation)),
            (.text("sequence"), .integer(sequence)),
            (.text("applied"), .array(NumericArray(floats: applied, shape: [count, dimensionCount]))),
            (.text("advanced"), .array(NumericArray(booleans: all.map(moving.contains), shape: [count]))),
            (.text("started_at"), .double(start)), (.text("completed_at"), .double(Self.now)),
        ])
        lastExecution = execution
        return WireMap([(.text("result"), .map(try result())), (.text("execution"), .map(execution))])
    }

    func snapshot() throws -> WireMap {
        var body = WireMap([(.text("result"), .map(try result()))])
        if let lastExecution { body["execution"] = .map(lastExecution) }
        return body
    }

    func render() throws -> WireMap {
        let frames = try all.map { number -> WireValue in .array(NumericArray(try image(.agentView, of: number))) }
        return WireMap([(.text("frames"), .list(frames))])
    }

    private func image(_ camera: CameraName, of number: Int) throws -> RGBImage {
        let size = configuration.imageSize
        guard let image = worlds.members[number].state?.images[camera],
            image.size == ImageSize(width: size, height: size)
        else { throw LeRobotError(.execution, "a camera gave no image of its size") }
        return image
    }

    /// The last transition of every world.
    func result() throws -> WireMap {
        let episodes = try worlds.members.map { member in
            guard let episode = member.state else { throw LeRobotError(.execution, "a world has no episode") }
            return episode
        }
        func images(_ camera: CameraName) throws -> WireValue {
            let size = configuration.imageSize
            let pixels = try all.flatMap { try image(camera, of: $0).pixels }
            return .array(NumericArray(NumPyType(.uint8), shape: [count, size, size, 3], bytes: pixels))
        }
        func booleans(_ values: [Bool]) -> WireValue { .array(NumericArray(booleans: values, shape: [count])) }
        let states = try episodes.flatMap { try Self.state(of: $0.observation) }
        let success = episodes.map(\.isSuccess)
        return WireMap([
            (
                .text("obs"),
                [
                    LeRobotDescriptor.agentView: try images(.agentView), LeRobotDescriptor.wrist: try images(.wrist),
                    LeRobotDescriptor.state: .array(NumericArray(floats: states, shape: [count, 8])),
                ]
            ), (.text("task"), .list(worlds.members.map { .text($0.world.instruction) })),
            (.text("reward"), .array(NumericArray(floats: success.map { $0 ? 1 : 0 }, shape: [count]))),
            (.text("terminated"), booleans(success)),
            (.text("truncated"), booleans(episodes.map { !$0.isSuccess && $0.stepCount >= group.stepLimit })),
            (.text("is_success"), booleans(success)), (.text("sim_time"), .double(Double(tickCount) / 20)),
            (.text("step"), .array(NumericArray(integers: episodes.map(\.stepCount), shape: [count]))),
        ])
    }

    /// Position, axis-angle and fingers in single precision, the rotation not folded.
    ///
    /// Source: huggingface/lerobot c7e5ff8, the LIBERO environment.
    static func state(of observation: Observation) throws -> [Float] {
        guard let state = observation.state, state.fingerPositions.count == 2 else {
            throw LeRobotError(.execution, "a world gave no state")
        }
        let angle: SIMD3<Float>
        switch state.endEffectorOrientation {
        case .axisAngle(let vector): angle = SIMD3<Float>(vector)
        case .quaternionXYZW(let quaternion):
            let q = SIMD4<Float>(quaternion)
            let w = min(max(q.w, -1), 1)
            let d = (1 - w * w).squareRoot()
            angle = d <= 1e-10 ? .zero : SIMD3(q.x, q.y, q.z) * (2 * Float(acos(Double(w)))) / d
        }
        let p = SIMD3<Float>(state.endEffectorPosition)
        return [p.x, p.y, p.z, angle.x, angle.y, angle.z] + state.fingerPositions.map { Float($0) }
    }

    /// Seconds of the machine's monotonic clock.
    private static var now: Double { Double(DispatchTime.now().uptimeNanoseconds) * 1e-9 }
}
