public import FileSupport
public import Kinematics

/// Joint positions for a pose of a frame, or why there are none.
public struct InverseReport: Codable, TextReport, Sendable {
    public var outcome: String
    /// Radians and metres, by joint.
    public var joints: [String: Double]
    /// Metres.
    public var positionError: Double
    /// Radians.
    public var rotationError: Double
    /// `nil` where the robot has no spheres.
    public var isSelfCollisionFree: Bool?
    /// `nil` where no scene is given.
    public var isWorldCollisionFree: Bool?
    public var starts: Int
    public var iterations: Int
    public var microseconds: Double

    private var names: [String] = []
    private var positions: [Double] = []

    private enum CodingKeys: String, CodingKey {
        case outcome, joints, positionError, rotationError, isSelfCollisionFree, isWorldCollisionFree, starts
        case iterations, microseconds
    }

    /// Solves for a target.
    ///
    /// - Parameters:
    ///   - model: The robot.
    ///   - source: Its spheres and scene are avoided.
    ///   - target: Where the frame shall be.
    ///   - start: Joint positions to start from; `nil` for the preferred ones.
    ///   - tolerance: Metres and radians that count as reached.
    public init(
        _ model: RobotModel, from source: RobotSource, to target: PoseTarget, startingAt start: [Double]? = nil,
        tolerance: Double = 1e-5
    ) throws {
        let collision = try source.collision(model)
        let solver = InverseKinematics(
            model, options: .init(positionTolerance: tolerance, rotationTolerance: tolerance), avoiding: collision)
        let solution = solver.solve(target, startingAt: start)
        (names, positions) = (model.coordinates.map(\.joint), solution.positions)
        outcome = solution.outcome.text
        joints = Dictionary(uniqueKeysWithValues: zip(names, positions))
        (positionError, rotationError) = (solution.positionError, solution.rotationError)
        isSelfCollisionFree = collision.map { _ in solution.isSelfCollisionFree }
        isWorldCollisionFree = source.scene == nil ? nil : solution.isWorldCollisionFree
        (starts, iterations) = (solution.startCount, solution.iterationCount)
        microseconds = solution.seconds * 1e6
    }

    public var text: String {
        func text(_ isFree: Bool?, _ unknown: String) -> String { isFree.map { $0 ? "free" : "YES" } ?? unknown }
        return """
            \(outcome)
            joints     \(numbers(positions, "%.6f"))
                       \(names.joined(separator: " "))
            error      \(numbers([1000 * positionError], "%.6f")) mm, \(numbers([rotationError], "%.2e")) rad
            collision  itself: \(text(isSelfCollisionFree, "not known, the robot has no spheres")), \
            scene: \(text(isWorldCollisionFree, "none given"))
            search     \(starts) starts, \(iterations) steps, \(Int(microseconds)) us
            """
    }
}

extension InverseKinematics.Outcome {
    /// The outcome in words.
    public var text: String {
        switch self {
        case .converged: "reached"
        case .outOfReach: "out of reach: the position alone cannot be had"
        case .limits: "beyond the joint limits: the pose is reached only without them"
        case .collision: "in collision: every posture found for the pose collides"
        case .localMinimum(let starts): "not reached from \(starts) starts; the position alone can be had"
        case .timeLimit(let starts): "not reached in time, after \(starts) starts"
        }
    }
}
