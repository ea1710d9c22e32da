/// Joint velocities for several tasks at once under limits that always hold: inverse kinematics as a small quadratic
/// program for each period of a controller.
///
///     min Σ |W (J δ − k e)|² + μ |δ|²      e = log(T⁻¹ T*), J its exact Jacobian
///     with  lower ≤ q + δ ≤ upper,  |δ| ≤ q̇max Δt,  |δ − q̇ Δt| ≤ q̈max Δt²
///     and   ∇d · δ ≥ −γ (d − dmin)  for every distance d of the robot to itself and to the world that is near
///
/// The last rows are barriers: a distance falls no faster than by the share `γ` of what is left of it. Source: Escande,
/// Mansard & Wieber 2014; Ames et al. 2019 for the barriers; the form is that of the Python library Pink.
public struct DifferentialInverseKinematics: Sendable {
    /// A pose that a frame is drawn to.
    public struct Task: Sendable {
        public var frame: RobotModel.Frame
        public var pose: Pose
        /// How much a metre and a radian of error count; 0 leaves them free.
        public var positionWeight: Double
        public var rotationWeight: Double
        /// The share of the error that one step takes away, 0…1.
        public var gain: Double

        public init(
            _ frame: RobotModel.Frame, pose: Pose, positionWeight: Double = 1, rotationWeight: Double = 1,
            gain: Double = 1
        ) {
            self.frame = frame
            self.pose = pose
            self.positionWeight = positionWeight
            self.rotationWeight = rotationWeight
            self.gain = gain
        }
    }

    /// What the joints do in the next period.
    public struct Step: Sendable {
        /// rad/s or m/s.
        public var velocities: [Double]
        /// After the period.
        public var positions: [Double]
        /// False where limits and barriers contradict each other: then the joints slow down as fast as they may.
        public var isFeasible: Bool
    }

    public let model: RobotModel
    /// `μ`, per squared radian.
    public var damping = 1e-6
    /// Added to `μ`, times the tasks' squared errors: far targets are approached calmly.
    public var errorDamping = 1e-3
    /// A posture that the joints are drawn to where the tasks leave them free, and how much a radian counts.
    public var posture: [Double]
    public var postureWeight = 1e-3
    /// rad/s or m/s, and rad/s² or m/s².
    public var limits: MotionLimits
    /// Keeps distances where given.
    public var collision: CollisionModel?
    /// `dmin` in metres, `γ`, and the least distance at which a barrier is set up; farther for fast robots.
    public var minimumDistance = 0.01
    public var barrierGain = 0.2
    public var barrierRange = 0.05

    public init(_ model: RobotModel, avoiding collision: CollisionModel? = nil) {
        self.model = model
        self.collision = collision
        posture = model.preferredPositions
        limits = MotionLimits(of: model, acceleration: .infinity)
    }

    /// The next step from joint positions.
    ///
    /// - Parameters:
    ///   - tasks: What the step is to achieve, weighed against each other.
    ///   - positions: Of all coordinates.
    ///   - velocities: Of the step before, for the limits of acceleration; at rest when nil.
    ///   - period: Seconds.
    public func step(_ tasks: [Task], from positions: [Double], velocities: [Double]? = nil, period: Double) -> Step {
        let n = model.coordinateCount
        precondition(
            positions.count == n && (velocities?.count ?? n) == n && limits.velocities.count == n,
            "step: \(positions.count) positions for \(n) coordinates")
        precondition(period > 0, "step: a period of \(period) s")
        let state = model.makeState()
        state.update(positions)

        var (hessian, gradient) = (Matrix(rowCount: n, columnCount: n), [Double](repeating: 0, count: n))
        var diagonal = damping
        for task in tasks {
            let (error, jacobian) = state.poseError(of: task.frame, to: task.pose)
            let (v, w) = (error.linear, error.angular)
            for (r, e) in [v.x, v.y, v.z, w.x, w.y, w.z].enumerated() {
                let weight = r < 3 ? task.positionWeight : task.rotationWeight
                let square = weight * weight
                diagonal += errorDamping * square * e * e
                for i in 0..<n {
                    // the error's derivative is −J
                    gradient[i] -= square * jacobian[r, i] * task.gain * e
                    for k in 0..<n { hessian[i, k] += square * jacobian[r, i] * jacobian[r, k] }
                }
            }
        }
        let pull = postureWeight * postureWeight
        for i in 0..<n {
            hessian[i, i] += diagonal + pull
            gradient[i] += pull * (posture[i] - positions[i])
        }

        let box = box(positions, velocities, period)
        var program = QuadraticProgram(hessian: hessian, gradient: gradient, rows: [], bounds: [])
        for i in 0..<n {
            var row = [Double](repeating: 0, count: n)
            row[i] = 1
            program.rows += [row, row.map { -$0 }]
            program.bounds += [box[i].lowerBound, -box[i].upperBound]
        }
        addBarriers(to: &program, state, box)
        let minimum = program.minimum()
        let step = (0..<n).map { i in
            // slowing down: as near to no motion as the limits let it be
            min(max(minimum?[i] ?? 0, box[i].lowerBound), box[i].upperBound)
        }
        return Step(
            velocities: step.map { $0 / period }, positions: zip(positions, step).map { $0 + $1 },
            isFeasible: minimum != nil)
    }

    /// What each joint may move in a period. A limit of position goes before those of velocity and acceleration.
    private func box(_ positions: [Double], _ velocities: [Double]?, _ period: Double) -> [ClosedRange<Double>] {
        positions.indices.map { i in
            let (speed, gain) = (limits.velocities[i] * period, limits.accelerations[i] * period * period)
            let last = (velocities?[i] ?? 0) * period
            // as fast as can still be braked before the limit
            let (above, below) = (
                max(model.coordinates[i].upper - positions[i], 0), max(positions[i] - model.coordinates[i].lower, 0)
            )
            func braking(_ way: Double) -> Double {
                guard gain.isFinite, way.isFinite else { return way }
                return min(way, (gain * gain / 4 + 2 * gain * way).squareRoot() - gain / 2)
            }
            var low = max(-speed, last - gain, -braking(below))
            var high = min(speed, last + gain, braking(above))
            if low > high {
                // it cannot brake in time: brake all the same
                let middle = min(max(0, last - gain), last + gain)
                low = min(max(middle, -below), above)
                high = low
            }
            return low...high
        }
    }

    private func addBarriers(to program: inout QuadraticProgram, _ state: RobotState, _ box: [ClosedRange<Double>]) {
        guard let collision else { return }
        let checker = collision.makeChecker()
        // nothing comes from beyond the range to the least distance in one period, two spheres towards each other
        let motion = checker.largestMotion(box.map { max(abs($0.lowerBound), abs($0.upperBound)) })
        let range = max(barrierRange, minimumDistance + 2 * motion)
        (checker.margin, checker.selfMargin) = (range, range)
        checker.update(state)
        checker.findViolations()
        for violation in checker.violations {
            var row = [Double](repeating: 0, count: model.coordinateCount)
            state.addMotion(of: violation.bodyA, at: violation.pointA, along: violation.normal, to: &row)
            state.addMotion(of: violation.bodyB, at: violation.pointB, along: -violation.normal, to: &row)
            guard row.contains(where: { abs($0) > 1e-9 }) else { continue }
            let distance = range - violation.deficit
            program.rows.append(row)
            program.bounds.append(-barrierGain * (distance - minimumDistance))
        }
    }
}

extension RobotState {
    /// Adds how each joint at unit speed moves a body's point along a direction: the torques of a force there.
    func addMotion(of body: Int, at point: Vector3, along direction: Vector3, to row: inout [Double]) {
        var i = body
        while i >= 0 {
            let joint = joints[i]
            row[joint.coordinate] += joint.multiplier * direction.dot(jacobianColumn(i, at: point).linear)
            i = joint.parent
        }
    }
}
