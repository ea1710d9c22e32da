import Foundation
public import Kinematics

/// Whether an arm can take a grasp: a pre-grasp before it, and the straight line between the two.
public struct GraspReachability: Sendable {
    public let solver: InverseKinematics
    public let tool: ToolConvention
    public let frame: RobotModel.Frame
    /// How far before the grasp the approach begins; metres.
    public var approachDistance = 0.1
    /// Between postures of the approach; metres.
    public var step = 0.01
    /// Largest change of a joint between two steps; radians.
    public var jumpThreshold = 0.5
    /// Whether the gripper may be turned by π about its approach.
    public var isSymmetric = true

    /// - Throws: `RobotFileError` when the robot has no such tool frame.
    public init(_ solver: InverseKinematics, tool: ToolConvention) throws {
        self.solver = solver
        self.tool = tool
        frame = try solver.model.frame(tool.frame)
    }

    /// What becomes of a grasp.
    public enum Outcome: Equatable, Sendable {
        /// Postures from the pre-grasp to the grasp.
        case reachable([[Double]])
        /// There is no posture for the grasp or the pre-grasp.
        case outOfReach
        /// Both ends can be reached, the line from the grasp back only up to a share.
        case interrupted(share: Double)

        public var isReachable: Bool { if case .reachable = self { true } else { false } }
    }

    /// The way to a grasp in the robot's base frame.
    ///
    /// - Throws: `RotationError` for a mirrored grasp.
    public func outcome(_ grasp: Grasp, startingAt start: [Double]? = nil) throws -> Outcome {
        var versions = [grasp]
        if isSymmetric {
            var turned = grasp
            turned.rotation = grasp.rotation.turnedAboutApproach
            versions.append(turned)
        }
        var best = Outcome.outOfReach
        for version in versions {
            let outcome = try way(to: version, startingAt: start)
            switch (outcome, best) {
            case (.reachable, _): return outcome
            case (.interrupted(let share), .interrupted(let other)) where share > other: best = outcome
            case (.interrupted, .outOfReach): best = outcome
            default: break
            }
        }
        return best
    }

    private func way(to grasp: Grasp, startingAt start: [Double]?) throws -> Outcome {
        let goal = try grasp.toolPose(tool)
        let count = max(1, Int((approachDistance / step).rounded(.up)))
        let targets = (0...count).map { k -> PoseTarget in
            var pose = goal
            pose.translation -= approachDistance * (1 - Double(k) / Double(count)) * grasp.approach
            return PoseTarget(frame, pose: pose)
        }
        // the grasp itself is the harder end
        let last = solver.solve(targets[count], startingAt: start)
        guard last.isConverged, solver.solve(targets[0], startingAt: last.positions).isConverged else {
            return .outOfReach
        }

        // backwards from the posture of the grasp, so that it is the one the way ends in
        var postures = [last.positions]
        for k in stride(from: count - 1, through: 0, by: -1) {
            let before = postures[postures.count - 1]
            let solution = solver.solve(targets[k], startingAt: before)
            let change = zip(solution.positions, before).reduce(0) { max($0, abs($1.0 - $1.1)) }
            guard solution.isConverged, change <= jumpThreshold else {
                return .interrupted(share: Double(postures.count - 1) / Double(count))
            }
            postures.append(solution.positions)
        }
        return .reachable(postures.reversed())
    }

    /// Which grasps can be reached.
    public func mask(_ grasps: GraspGroup) throws -> [Bool] { try grasps.map { try outcome($0).isReachable } }
}

/// The order in which grasps are tried.
public struct GraspRanking: Equatable, Sendable {
    /// Added for an approach along gravity, subtracted for one against it.
    public var gravityWeight = 0.2
    /// Subtracted for each metre between the tip and the center of mass.
    public var centerWeight = 2.0
    /// A unit vector down, in the grasps' frame.
    public var gravity: Vector3
    public var centerOfMass: Vector3?

    public init(gravity: Vector3 = Vector3(0, 0, -1), centerOfMass: Vector3? = nil) {
        self.gravity = gravity / gravity.length
        self.centerOfMass = centerOfMass
    }

    /// A grasp's score with what its direction and place add.
    public func value(_ grasp: Grasp) -> Double {
        let offset = centerOfMass.map { (grasp.tip - $0).length } ?? 0
        return grasp.score + gravityWeight * grasp.approach.dot(gravity) - centerWeight * offset
    }

    /// The grasps by falling value; equal ones stay in order.
    public func ranked(_ grasps: GraspGroup) -> GraspGroup {
        let values = grasps.map(value)
        return grasps[grasps.indices.sorted { (values[$1], $0) < (values[$0], $1) }]
    }
}
