import RobotInterface
import Foundation
import Synchronization

/// A policy whose actions tell what it was given: row k is the state's first seven numbers plus k.
struct EchoPolicy: Policy {
    var requirements: PolicyRequirements
    var horizon = 4
    /// How long it thinks, seconds.
    var delay = 0.0
    /// Holds the policy until it is released.
    var gate: Gate?

    static let size = 16

    init(hasImages: Bool = true, horizon: Int = 4, delay: Double = 0, gate: Gate? = nil) {
        let camera = CameraDescription(
            width: Self.size, height: Self.size, orientation: .raw, renderProfile: "fast")
        requirements = PolicyRequirements(
            actionSpace: .libero, cameras: hasImages ? [.agentView: camera, .wrist: camera] : [:],
            stateLayout: .libero)
        (self.horizon, self.delay, self.gate) = (horizon, delay, gate)
    }

    func actionChunks<Generator: RandomNumberGenerator>(
        for observations: [Observation], using generators: inout [Generator]
    ) throws -> [ActionChunk] {
        gate?.wait()
        if delay > 0 { Thread.sleep(forTimeInterval: delay) }
        return try observations.map { observation in
            guard let state = observation.state else { throw ObservationError.missingState("state") }
            let values = try StateLayout.libero.values(of: state)
            for (name, camera) in requirements.cameras {
                guard let frame = observation.cameras[name] else {
                    throw ObservationError.missingCamera(name, found: [])
                }
                precondition(frame.description == camera)
                _ = try frame.image()
            }
            return ActionChunk((0..<horizon).map { row in values.prefix(7).map { $0 + Double(row) } })
        }
    }

    /// Lets the policy go on when a test wants it to.
    final class Gate: Sendable {
        private let semaphore = DispatchSemaphore(value: 0)
        func wait() { semaphore.wait() }
        func open(_ count: Int = 1) { for _ in 0..<count { semaphore.signal() } }
    }
}

/// A policy that looks at nothing.
struct AnyStatePolicy: Policy {
    let requirements = PolicyRequirements(actionSpace: .libero)

    func actionChunks<Generator: RandomNumberGenerator>(
        for observations: [Observation], using generators: inout [Generator]
    ) throws -> [ActionChunk] {
        observations.map { _ in ActionChunk([[Double]](repeating: [0, 0, 0, 0, 0, 0, 1], count: 10)) }
    }
}
