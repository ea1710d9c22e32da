/// A straight line of a frame, as joint positions along it.
public struct LinearMove: Sendable {
    /// How the line ended.
    public enum Outcome: Equatable, Sendable {
        case complete
        /// The pose at this share of the line could not be reached from the one before.
        case unreachable(at: Double)
        /// A joint would have to jump to another configuration of the arm.
        case jump(at: Double, joint: String)
        /// Something collides.
        case collision(at: Double)
        /// No joint positions have the first pose.
        case noStart

        /// The share of the line that can be gone.
        public var share: Double {
            switch self {
            case .complete: 1
            case .unreachable(let share), .jump(let share, _), .collision(let share): share
            case .noStart: 0
            }
        }
    }

    public var outcome: Outcome
    public var frame: RobotModel.Frame
    public var start: Pose
    public var end: Pose
    /// The joints over the share of the line; nil when not even two poses can be had.
    public var path: JointPath?
    /// The largest distance of the frame's origin from the line, measured between the waypoints, in metres.
    public var positionDeviation: Double
    /// The largest angle to the interpolated orientation, in radians.
    public var rotationDeviation: Double

    /// The pose at a share of the line: the origin moves evenly, the orientation the shortest way.
    public func pose(at share: Double) -> Pose { Self.pose(start, end, share) }

    static func pose(_ start: Pose, _ end: Pose, _ share: Double) -> Pose {
        Pose(
            rotation: start.rotation.interpolated(to: end.rotation, fraction: share),
            translation: start.translation + share * (end.translation - start.translation))
    }
}

/// Plans straight lines of frames.
public struct LinearMovePlanner: Sendable {
    public let model: RobotModel
    /// Tested at every waypoint and between them when given.
    public var collision: CollisionModel?
    /// The largest steps between waypoints: metres and radians.
    public var positionStep = 0.005
    public var rotationStep = 0.02
    /// Below this, a joint's step is no jump, in radians or metres.
    public var jumpThreshold = 0.15
    /// Configurations of the arm that are tried for the first pose, where it is given as a pose.
    public var startCount = 8

    public init(_ model: RobotModel, avoiding collision: CollisionModel? = nil) {
        self.model = model
        self.collision = collision
    }

    private func solver(_ tolerance: Double) -> InverseKinematics {
        InverseKinematics(
            model, options: .init(positionTolerance: tolerance, rotationTolerance: tolerance))
    }

    /// From where the joints are to a pose of a frame.
    public func move(_ frame: RobotModel.Frame, from start: [Double], to end: Pose) -> LinearMove {
        let state = model.makeState()
        state.update(start)
        return follow(frame, from: state.pose(of: frame), at: start, to: end)
    }

    /// From where the joints are, up along the base's z; down for a negative height.
    public func moveVertically(_ frame: RobotModel.Frame, from start: [Double], by height: Double) -> LinearMove {
        let state = model.makeState()
        state.update(start)
        var end = state.pose(of: frame)
        end.translation.z += height
        return move(frame, from: start, to: end)
    }

    /// From a pose to a pose, in the configuration of the arm that gets farthest; the given joint positions' first.
    public func move(
        _ frame: RobotModel.Frame, from start: Pose, to end: Pose, near positions: [Double]? = nil
    ) -> LinearMove {
        var ik = solver(1e-8)
        var best = LinearMove(
            outcome: .noStart, frame: frame, start: start, end: end, path: nil, positionDeviation: 0,
            rotationDeviation: 0)
        for attempt in 0..<startCount {
            ik.options.seed = UInt64(attempt)
            // from the second attempt on, any configuration
            let first = attempt == 0 ? positions : nil
            ik.options.choice = attempt < 2 ? .first : .closest(count: attempt)
            let solution = ik.solve(PoseTarget(frame, pose: start), startingAt: first)
            guard solution.isConverged else { return best }
            let move = follow(frame, from: start, at: solution.positions, to: end)
            if move.outcome == .complete { return move }
            if best.outcome == .noStart || move.outcome.share > best.outcome.share { best = move }
        }
        return best
    }

    /// Goes along the line in even steps, each solved from the one before without restarts; halves the steps until the
    /// curve through the waypoints stays on the line.
    private func follow(_ frame: RobotModel.Frame, from start: Pose, at positions: [Double], to end: Pose) -> LinearMove
    {
        let way = start.difference(to: end)
        let steps = max(way.distance / positionStep, way.angle / rotationStep)
        var count = Int(clamping: steps.rounded(.up), to: 4...Self.waypointLimit)
        var move = waypoints(frame, from: start, at: positions, to: end, count: count)
        for _ in 0..<4 where move.positionDeviation > 2e-5 || move.rotationDeviation > 2e-4 {
            count *= 2
            move = waypoints(frame, from: start, at: positions, to: end, count: count)
        }
        return move
    }

    /// A line of 100 m in steps of a millimetre; longer ones are in coarser steps, which the deviation then shows.
    private static let waypointLimit = 100_000

    private func waypoints(
        _ frame: RobotModel.Frame, from start: Pose, at positions: [Double], to end: Pose, count: Int
    ) -> LinearMove {
        let targets = (1...count).map {
            PoseTarget(frame, pose: LinearMove.pose(start, end, Double($0) / Double(count)))
        }
        let solutions = solver(1e-9).follow(targets, startingAt: positions)
        var (joints, outcome) = ([positions], LinearMove.Outcome.complete)
        for (index, solution) in solutions.enumerated() {
            guard solution.isConverged else {
                outcome = .unreachable(at: Double(index) / Double(count))
                break
            }
            joints.append(solution.positions)
        }

        // a jump: much farther than the others go
        let steps = zip(joints, joints.dropFirst()).map { a, b in zip(a, b).map { abs($1 - $0) } }
        for i in 0..<model.coordinateCount {
            let sorted = steps.map { $0[i] }.sorted()
            guard !sorted.isEmpty else { break }
            let limit = max(jumpThreshold, 8 * sorted[sorted.count / 2])
            if let place = steps.firstIndex(where: { $0[i] > limit }) {
                if Double(place) / Double(count) < outcome.share {
                    outcome = .jump(at: Double(place) / Double(count), joint: model.coordinates[i].joint)
                    joints = Array(joints.prefix(place + 1))
                }
            }
        }
        if let collision {
            let (state, checker) = (model.makeState(), collision.makeChecker())
            for (index, q) in joints.enumerated() {
                // what is between two waypoints counts, too
                let before = joints[max(index - 1, 0)]
                if checker.freeShare(from: before, to: q, moving: state) < 1 {
                    outcome = .collision(at: Double(max(index - 1, 0)) / Double(count))
                    joints = Array(joints.prefix(index))
                    break
                }
            }
        }
        var move = LinearMove(
            outcome: outcome, frame: frame, start: start, end: end, path: nil, positionDeviation: 0,
            rotationDeviation: 0)
        guard joints.count >= 2 else { return move }
        let path = JointPath(joints, knots: joints.indices.map { Double($0) / Double(count) })
        move.path = path

        // between the waypoints
        let state = model.makeState()
        for k in 0..<4 * (joints.count - 1) {
            let share = (Double(k) + 0.5) / Double(4 * count)
            state.update(path.values(at: share).positions)
            let error = state.pose(of: frame).difference(to: move.pose(at: share))
            move.positionDeviation = max(move.positionDeviation, error.distance)
            move.rotationDeviation = max(move.rotationDeviation, error.angle)
        }
        return move
    }
}
