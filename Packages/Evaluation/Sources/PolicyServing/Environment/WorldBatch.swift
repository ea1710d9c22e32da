import Evaluation
import Foundation
import ImageProcessing
import RobotInterface
import Synchronization

/// The worlds of one connection, stepped beside each other.
///
/// Used by one request at a time.
final class WorldBatch {
    private struct Episode {
        /// `nil` before the first reset.
        var observation: Observation?
        var isSuccess = false
        var stepCount: Int64 = 0
    }

    private let server: EnvironmentServerContext
    private let settings: ServedWorldSettings
    private let worlds = WorldSet<Episode>()
    private let reservation: WorldReservation
    private let environment: EnvironmentDescription

    /// - Throws: ``WireError`` when too many worlds are in use; what making a world throws.
    init(_ server: EnvironmentServerContext, _ settings: ServedWorldSettings, count: Int) throws {
        (self.server, self.settings) = (server, settings)
        let reserved = try WorldReservation(server, count: count)
        let first = try server.makeWorld(settings)
        environment = first.description
        worlds.append(first, Episode())
        for _ in 1..<count { worlds.append(try server.makeWorld(settings), Episode()) }
        reservation = reserved
    }

    var count: Int { worlds.count }
    var initialStateCounts: [Int] { environment.initialStateCounts }
    var cameraNames: [CameraName] { environment.cameras.keys.sorted() }
    var dimensionCount: Int { environment.actionSpace.dimensionCount }

    /// The answer to `make`.
    var description: WireMap {
        get throws {
            func texts(_ texts: some Sequence<String>) -> WireValue { .list(texts.map { .text($0) }) }
            let space = environment.actionSpace
            let provenance = environment.provenance.sorted { $0.key < $1.key }
            return WireMap([
                (.text("suite"), .text(environment.suite)), (.text("worlds"), .integer(Int64(count))),
                (.text("tasks"), texts(environment.tasks)),
                (.text("initial_states"), .list(initialStateCounts.map { .integer(Int64($0)) })),
                (.text("action_names"), texts(space.dimensionNames)), (.text("action_limit"), .double(space.limit)),
                (.text("control_rate"), .double(space.controlRate)),
                (.text("cameras"), texts(cameraNames.map(\.rawValue))),
                (.text("image_size"), .integer(Int64(settings.imageSize))),
                (.text("orientation"), .text(settings.orientation.rawValue)),
                (.text("provenance"), .map(WireMap(provenance.map { (.text($0.key), .text($0.value)) }))),
            ])
        }
    }

    /// - Throws: ``WireError``, and what the worlds throw.
    func reset(_ numbers: [Int], to starts: [EpisodeStart], settlingStepCount: Int) throws {
        var settling = [Double](repeating: 0, count: dimensionCount)
        settling[dimensionCount - 1] = -1
        let still = settling
        try worlds.forEach(numbers) { index, member in
            member.state = Episode(observation: try member.world.reset(to: starts[index]))
            for _ in 0..<settlingStepCount { member.state.observation = try member.world.step(still).observation }
        }
    }

    /// - Throws: ``WireError`` for a world that was not reset, and what the worlds throw.
    func step(_ numbers: [Int], _ actions: [[Double]]) throws {
        try worlds.forEach(numbers) { index, member in
            guard member.state.observation != nil else {
                throw WireError(.missing, "world \(numbers[index]) has no episode: send 'reset' first")
            }
            let step = try member.world.step(actions[index])
            (member.state.observation, member.state.isSuccess) = (step.observation, step.isSuccess)
            member.state.stepCount += 1
        }
        server.stepCount.add(numbers.count, ordering: .relaxed)
    }

    /// What the worlds show: states, and images of the cameras.
    func report(on numbers: [Int], cameras: [CameraName]?, isStep: Bool) throws -> WireMap {
        let shown = numbers.map { worlds.members[$0] }
        let states = try shown.map { try StateLayout.libero.values(of: Self.state(of: $0)) }
        var report = WireMap([
            (.text("state"), .array(NumericArray(doubles: Array(states.joined()), shape: [numbers.count, 8])))
        ])
        let joints = try shown.compactMap { try Self.state(of: $0).jointPositions }
        if joints.count == shown.count, let width = joints.first?.count, joints.allSatisfy({ $0.count == width }) {
            report["joint_positions"] = .array(
                NumericArray(doubles: Array(joints.joined()), shape: [numbers.count, width]))
        }
        if isStep {
            report["success"] = .array(NumericArray(booleans: shown.map(\.state.isSuccess), shape: [numbers.count]))
            report["steps"] = .array(NumericArray(integers: shown.map(\.state.stepCount), shape: [numbers.count]))
        } else {
            report["instruction"] = .list(shown.map { .text($0.world.instruction) })
        }
        report["state_hash"] = .list(
            shown.map {
                let digits = String($0.world.stateHash, radix: 16)
                return .text(String(repeating: "0", count: 16 - digits.count) + digits)
            })
        if let cameras { report["images"] = .map(try images(of: numbers, cameras: cameras)) }
        return report
    }

    private static func state(of member: WorldSet<Episode>.Member) throws(WireError) -> RobotState {
        guard let state = member.state.observation?.state else {
            throw WireError(.missing, "a world has no episode: send 'reset' first")
        }
        return state
    }

    /// By camera: `[worlds, height, width, 3]` of 8-bit values.
    ///
    /// - Throws: ``WireError`` when they do not fit into a message, and what rendering throws.
    func images(of numbers: [Int], cameras: [CameraName]) throws -> WireMap {
        let size = settings.imageSize
        let total = numbers.count * cameras.count * size * size * 3
        guard total + (64 << 10) <= server.configuration.limits.messageSize else {
            throw WireError(
                .limitBytes,
                "images of \(total) bytes; a message has at most \(server.configuration.limits.messageSize): ask for "
                    + "fewer worlds or cameras at a time")
        }
        let drawn = Mutex([[RGBImage?]](repeating: Array(repeating: nil, count: cameras.count), count: numbers.count))
        try worlds.forEach(numbers) { index, member in
            guard let observation = member.state.observation else {
                throw WireError(.missing, "world \(numbers[index]) has no episode: send 'reset' first")
            }
            for (place, camera) in cameras.enumerated() {
                let image = try observation.cameras[camera]?.image()
                drawn.withLock { $0[index][place] = image }
            }
        }
        let images = drawn.withLock { $0 }
        var map = WireMap()
        for (place, camera) in cameras.enumerated() {
            var pixels: [UInt8] = []
            pixels.reserveCapacity(numbers.count * size * size * 3)
            for world in images {
                guard let image = world[place], image.size == ImageSize(width: size, height: size) else {
                    throw WireError(.execution, "the camera \(quoted(camera.rawValue)) gave no image of its size")
                }
                pixels += image.pixels
            }
            map[camera.rawValue] = .array(
                NumericArray(NumPyType(.uint8), shape: [numbers.count, size, size, 3], bytes: pixels))
        }
        return map
    }
}

/// Worlds of a server's limit, given back when nobody holds them.
private final class WorldReservation {
    private let server: EnvironmentServerContext
    private let count: Int

    /// - Throws: ``WireError`` of the class `busy` when too many are in use.
    init(_ server: EnvironmentServerContext, count: Int) throws(WireError) {
        (self.server, self.count) = (server, count)
        try server.take(count)
        isTaken = true
    }

    private var isTaken = false

    deinit { if isTaken { server.giveBack(count) } }
}
