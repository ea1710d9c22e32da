import Kinematics

/// What the hand is asked to do next, and how it ended.
enum SkillStep: Equatable, Sendable {
    case move(HandCommand)
    /// The predicate that the skill is for holds, or nothing is left that it could do.
    case done
    /// The attempt failed: the hand is free to start again.
    case failed
}

/// One ability of the expert, as a feedback law: what it does follows from what the scene is like now.
protocol Skill: Sendable {
    /// What it is doing, for people to read.
    var activity: String { get }

    /// Whether fingers hold or let go of something, so that disturbances have to be small.
    var isDelicate: Bool { get }

    mutating func step(_ view: SceneView) -> SkillStep
}
