public import RobotInterface

/// A policy that is told where episodes begin, as one on a server that keeps something of them.
///
/// ``PolicyAgent`` tells it. Actions must not depend on anything else that is kept.
public protocol EpisodicPolicy: Policy {
    /// Called after the world's reset, on the thread that asks for the episode's actions.
    func beginEpisode(_ episode: PlannedEpisode, in world: EnvironmentDescription) throws

    /// Seconds the policy itself says it computed since the episode's beginning; `nil` if it does not say.
    var computingSeconds: Double? { get }
}
