import RobotInterface
import Evaluation
import VLAPolicy

/// A world whose objects are watched while an episode runs.
struct WatchedWorld<Base: Environment>: Environment {
    private(set) var base: Base
    /// How near the hand has come to each object since the last reset.
    private(set) var nearest: [String: ObjectDistance] = [:]

    init(_ base: Base) { self.base = base }

    /// The object of the goal the hand came nearest to; any other where the goal names none; nil where the world does not
    /// tell.
    var closest: ObjectDistance? { Self.closest(Array(nearest.values)) }

    static func closest(_ distances: [ObjectDistance]) -> ObjectDistance? {
        let ofGoal = distances.filter(\.isGoal)
        return (ofGoal.isEmpty ? distances : ofGoal).min { ($0.distance, $0.object) < ($1.distance, $1.object) }
    }

    var description: EnvironmentDescription { base.description }
    var instruction: String { base.instruction }
    var stateHash: UInt64 { base.stateHash }

    mutating func reset(to start: EpisodeStart) throws -> Observation {
        let observation = try base.reset(to: start)
        nearest = [:]
        look()
        return observation
    }

    mutating func step(_ action: [Double]) throws -> EnvironmentStep {
        let step = try base.step(action)
        look()
        return step
    }

    private mutating func look() {
        guard let scene = base as? any SceneObserving else { return }
        for found in scene.objectDistances where found.distance < nearest[found.object]?.distance ?? .infinity {
            nearest[found.object] = found
        }
    }
}
