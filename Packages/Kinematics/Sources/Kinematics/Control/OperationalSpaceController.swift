import Foundation

/// Torques that pull the end effector to a goal pose and the joints, in the null space, to a posture.
///
/// The controller behind LIBERO's actions (robosuite's `OSC_POSE` with uncoupled position and orientation):
///
///     F = kp (p* − p) − kd ṗ            e = ½ Σₖ rₖ × rₖ*        T = kp e − kd ω
///     Λ = (J M⁻¹ Jᵀ)⁺                   N = I − M⁻¹ Jᵀ Λ J       J stacks Jp over Jr
///     τ = Jᵀ [Λp F; Λr T] + bias + Nᵀ M (kn (q₀ − q) − kdn q̇)
///
/// `Λp` and `Λr` are built from `Jp` and `Jr` alone; `⁺` is the pseudo-inverse with NumPy's cut-off. Mass matrix and
/// Jacobians are given, so that a simulator's own can be used. Source: Khatib 1987, IEEE J. Robotics and Automation
/// 3(1); robosuite 1.4, `controllers/osc.py`.
public struct OperationalSpaceController: Sendable {
    /// Stiffnesses and dampings: 1/s² and 1/s, as they multiply masses afterwards.
    public struct Gains: Equatable, Sendable {
        public var position: (stiffness: Double, damping: Double)
        public var rotation: (stiffness: Double, damping: Double)
        /// Of the joints in the null space.
        public var posture: (stiffness: Double, damping: Double)

        /// Critically damped at each stiffness, damping `2 √k`; the defaults are LIBERO's.
        public init(position: Double = 150, rotation: Double = 150, posture: Double = 10) {
            self.position = (position, 2 * position.squareRoot())
            self.rotation = (rotation, 2 * rotation.squareRoot())
            self.posture = (posture, 2 * posture.squareRoot())
        }

        public static func == (a: Gains, b: Gains) -> Bool {
            a.position == b.position && a.rotation == b.rotation && a.posture == b.posture
        }
    }

    /// What the arm is and does: metres, radians, seconds, kilograms, all in one base frame.
    public struct State: Sendable {
        /// `[3, n]`: velocity of the end effector's origin by joint velocities.
        public var linearJacobian: Matrix
        /// `[3, n]`: its angular velocity.
        public var angularJacobian: Matrix
        /// `[n, n]`, of the arm's joints.
        public var massMatrix: Matrix
        public var jointPositions: [Double]
        public var jointVelocities: [Double]
        public var position: Vector3
        /// As the simulator has it; need not be orthonormal to the last bit.
        public var rotation: Matrix3
        public var linearVelocity: Vector3
        public var angularVelocity: Vector3

        public init(
            linearJacobian: Matrix, angularJacobian: Matrix, massMatrix: Matrix, jointPositions: [Double],
            jointVelocities: [Double], position: Vector3, rotation: Matrix3, linearVelocity: Vector3,
            angularVelocity: Vector3
        ) {
            let n = massMatrix.rowCount
            precondition(
                massMatrix.columnCount == n && linearJacobian.rowCount == 3 && linearJacobian.columnCount == n
                    && angularJacobian.rowCount == 3 && angularJacobian.columnCount == n && jointPositions.count == n
                    && jointVelocities.count == n,
                "OperationalSpaceController.State: the sizes do not belong to \(n) joints")
            self.linearJacobian = linearJacobian
            self.angularJacobian = angularJacobian
            self.massMatrix = massMatrix
            self.jointPositions = jointPositions
            self.jointVelocities = jointVelocities
            self.position = position
            self.rotation = rotation
            self.linearVelocity = linearVelocity
            self.angularVelocity = angularVelocity
        }
    }

    /// Where the end effector is pulled to.
    public struct Goal: Equatable, Sendable {
        public var position: Vector3
        public var rotation: Matrix3

        public init(position: Vector3, rotation: Matrix3) {
            self.position = position
            self.rotation = rotation
        }

        /// Sets the goal relative to where the end effector is now, as robosuite does: the position always; the
        /// rotation only when `turn` is not exactly zero, else the old goal's stays.
        ///
        /// - Parameters:
        ///   - step: Metres in the base frame.
        ///   - turn: A rotation vector in the base frame, applied by ``OperationalSpaceController/rotationStep(_:)``.
        ///   - state: Where the end effector is.
        public mutating func move(step: Vector3, turn: Vector3, from state: State) {
            position = state.position + step
            if turn != .zero { rotation = OperationalSpaceController.rotationStep(turn) * state.rotation }
        }
    }

    public var gains: Gains
    /// The joint positions that the null space is pulled to.
    public var posture: [Double]

    public init(posture: [Double], gains: Gains = Gains()) {
        self.posture = posture
        self.gains = gains
    }

    /// The torques for a state and a goal, in N m; not clipped.
    ///
    /// - Parameters:
    ///   - state: Posture, velocities and what follows from them.
    ///   - goal: Of the end effector.
    ///   - bias: Gravity, Coriolis and centrifugal torques, added as they are.
    /// - Returns: In the order of the joints; the bias alone when the mass matrix is singular.
    public func torques(for state: State, goal: Goal, bias: [Double]) -> [Double] {
        let n = posture.count
        precondition(
            state.jointPositions.count == n && bias.count == n,
            "torques: \(state.jointPositions.count) joints and \(bias.count) bias torques for a posture of \(n)")

        // wrench in units of acceleration
        let force =
            gains.position.stiffness * (goal.position - state.position)
            - gains.position.damping * state.linearVelocity
        let error = Self.rotationError(from: state.rotation, to: goal.rotation)
        let moment = gains.rotation.stiffness * error - gains.rotation.damping * state.angularVelocity

        // a body without mass, or numbers without meaning: nothing can be said of accelerations
        guard let inverseMass = state.massMatrix.inverse, inverseMass.elements.allSatisfy(\.isFinite) else {
            return bias
        }
        func inertia(_ jacobian: Matrix) -> Matrix {
            (jacobian * inverseMass * jacobian.transposed).pseudoInverse()
        }
        let (jp, jr) = (state.linearJacobian, state.angularJacobian)
        let jacobian = jp.stacked(above: jr)
        let wrench = inertia(jp) * [force.x, force.y, force.z] + inertia(jr) * [moment.x, moment.y, moment.z]
        let task = jacobian.transposed * wrench

        // posture, projected into the null space
        let projector = Matrix.identity(n) - inverseMass * jacobian.transposed * inertia(jacobian) * jacobian
        let pull = (0..<n).map { i in
            gains.posture.stiffness * (posture[i] - state.jointPositions[i])
                - gains.posture.damping * state.jointVelocities[i]
        }
        let postureTorques = projector.transposed * (state.massMatrix * pull)
        return (0..<n).map { task[$0] + bias[$0] + postureTorques[$0] }
    }

    /// `½ Σₖ rₖ × gₖ` over the columns: the sine of the angle times the axis.
    public static func rotationError(from current: Matrix3, to goal: Matrix3) -> Vector3 {
        let (r, g) = (current.columns, goal.columns)
        return 0.5 * (r.0.cross(g.0) + r.1.cross(g.1) + r.2.cross(g.2))
    }

    /// The rotation matrix of a rotation vector with robosuite's rounding: the quaternion and the products of its
    /// components are `Float`, so the matrix is a rotation to some 1e-7 only.
    ///
    /// Replays agree bit for bit only with this rounding. Source: robosuite 1.4, `transform_utils.axisangle2quat`
    /// and `quat2mat`.
    public static func rotationStep(_ vector: Vector3) -> Matrix3 {
        let angle = vector.length
        guard angle != 0 else { return .identity }
        let axis = vector / angle
        return roundedMatrix(of: Quaternion(w: cos(angle / 2), vector: axis * sin(angle / 2)))
    }

    /// The rotation matrix of a quaternion of any length but zero with robosuite's rounding, see ``rotationStep(_:)``.
    public static func roundedMatrix(of quaternion: Quaternion) -> Matrix3 {
        let v = quaternion.vector
        var q = SIMD4(Float(quaternion.w), Float(v.x), Float(v.y), Float(v.z))

        // the square as BLAS computes it: products in Float, their sum in Double
        var sum = 0.0
        for i in 0..<4 { sum += Double(q[i] * q[i]) }

        // to length √2, each component rounded once
        let scale = (2 / Double(Float(sum))).squareRoot()
        for i in 0..<4 { q[i] = Float(Double(q[i]) * scale) }

        let (w, x, y, z) = (q[0], q[1], q[2], q[3])
        func wide(_ value: Float) -> Double { Double(value) }
        return Matrix3(
            rows: Vector3(1 - wide(y * y) - wide(z * z), wide(x * y - w * z), wide(x * z + w * y)),
            Vector3(wide(x * y + w * z), 1 - wide(x * x) - wide(z * z), wide(y * z - w * x)),
            Vector3(wide(x * z - w * y), wide(y * z + w * x), 1 - wide(x * x) - wide(y * y)))
    }
}
