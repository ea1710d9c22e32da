#if MuJoCo
    import CMuJoCo
    import Kinematics

    /// LIBERO's controller: an operational-space pose goal for the arm, a slow position goal for the fingers.
    ///
    /// The arm's state is taken from MuJoCo at most once between two computations of torques. Creating the controller
    /// takes it as well and leaves it fresh, so the first action after a reset is relative to the nominal posture and
    /// its first torques are computed there, also when an initial state has been applied since.
    final class ArmController {
        /// The posture of reset and of the null space, in radians.
        static let nominalPosture = RobotPosture.ordinary
        static let jointCount = 7
        /// Metres and radians of an action of 1.
        static let positionScale = 0.05
        static let rotationScale = 0.5
        /// Of the fingers' range, in one substep.
        static let gripperSpeed = 0.01

        /// What decides its next torques.
        struct State: Equatable {
            var goal: OperationalSpaceController.Goal
            var arm: [Double]
            var needsRefresh: Bool
            /// The fingers' command, −1…1 each.
            var fingers: SIMD2<Double>
        }

        private let model: MuJoCoModel
        private let data: MuJoCoData
        private let siteID: Int32
        private let dofs: [Int]
        private let positions: [Int]
        private let controls: [(low: Double, high: Double)]
        private let dynamics = ArmDynamics(OperationalSpaceController(posture: nominalPosture))

        private(set) var goal = OperationalSpaceController.Goal(position: .zero, rotation: .identity)
        private var needsRefresh = true
        private(set) var fingers = SIMD2<Double>.zero

        /// The arm by its degree of freedom, −1 for others.
        private let jointOfDof: [Int]
        // scratch, so that substeps do not allocate it
        private let fullJacobian: UnsafeMutablePointer<Double>

        /// Takes the arm's state from `data`, which has to be computed (`mj_forward`).
        init(_ data: MuJoCoData) throws(LiberoSimulationError) {
            self.data = data
            model = data.model
            func required(_ kind: mjtObj, _ name: String) throws(LiberoSimulationError) -> Int {
                guard let id = data.model.id(kind, name) else {
                    throw .damagedAsset(path: "robot", line: nil, reason: "the model has no '\(name)'")
                }
                return id
            }
            siteID = Int32(try required(mjOBJ_SITE, "gripper0_grip_site"))
            var (dofs, positions): ([Int], [Int]) = ([], [])
            for joint in 1...Self.jointCount {
                let id = try required(mjOBJ_JOINT, "robot0_joint\(joint)")
                dofs.append(Int(model.pointer.pointee.jnt_dofadr[id]))
                positions.append(Int(model.pointer.pointee.jnt_qposadr[id]))
            }
            (self.dofs, self.positions) = (dofs, positions)
            let actuators = model.actuatorCount
            guard actuators == Self.jointCount + 2 else {
                throw .damagedAsset(path: "robot", line: nil, reason: "\(actuators) actuators instead of 9")
            }
            controls = (0..<actuators).map {
                let range = data.model.pointer.pointee.actuator_ctrlrange!
                return (range[2 * $0], range[2 * $0 + 1])
            }

            let nv = model.velocityCount
            jointOfDof = (0..<nv).map { dofs.firstIndex(of: $0) ?? -1 }
            fullJacobian = .allocate(capacity: 6 * nv)
            fullJacobian.initialize(repeating: 0, count: 6 * nv)
            reset()
        }

        deinit { fullJacobian.deallocate() }

        /// The posture of resets and of the null space, in radians; ``nominalPosture`` unless it is changed.
        var posture: [Double] {
            get { dynamics.nullSpacePosture }
            set { dynamics.nullSpacePosture = newValue }
        }

        /// The arm's state as last read from MuJoCo.
        var arm: OperationalSpaceController.State { dynamics.state }

        /// Whether the arm's mass matrix has had no inverse since the last reset.
        var hasSingularMass: Bool { dynamics.isSingular }

        /// As newly created: the goal is where the hand is, the fingers' command is 0.
        func reset() {
            dynamics.isSingular = false
            needsRefresh = true
            refresh()
            goal = OperationalSpaceController.Goal(position: dynamics.position, rotation: dynamics.rotation)
            fingers = .zero
        }

        /// Takes over a state from the middle of an episode: the goal is where the hand is, the fingers are told to stay.
        ///
        /// - Parameter fingers: Their positions, metres.
        func takeOver(fingers positions: SIMD2<Double>) {
            reset()
            for i in 0..<2 {
                let (low, high) = controls[Self.jointCount + i]
                fingers[i] = min(max((positions[i] - 0.5 * (high + low)) / (0.5 * (high - low)), -1), 1)
            }
        }

        /// Sets the goal from an action of seven numbers; the first six are clipped to −1…1.
        func setGoal(_ action: [Double]) {
            refresh()
            func clipped(_ i: Int) -> Double { min(max(action[i], -1), 1) }
            goal.move(
                step: Self.positionScale * Vector3(clipped(0), clipped(1), clipped(2)),
                turn: Self.rotationScale * Vector3(clipped(3), clipped(4), clipped(5)), from: arm)
        }

        /// Computes torques and finger goals into `data.ctrl`; a positive `grip` closes.
        func control(grip: Double) {
            refresh()
            let d = data.pointer
            for i in 0..<Self.jointCount { dynamics.torques[i] = d.pointee.qfrc_bias[dofs[i]] }
            dynamics.computeTorques(for: goal)
            for i in 0..<Self.jointCount {
                d.pointee.ctrl[i] = min(max(dynamics.torques[i], controls[i].low), controls[i].high)
            }
            needsRefresh = true

            let direction: Double = grip > 0 ? 1 : grip < 0 ? -1 : 0
            fingers.x = min(max(fingers.x - Self.gripperSpeed * direction, -1), 1)
            fingers.y = min(max(fingers.y + Self.gripperSpeed * direction, -1), 1)
            for i in 0..<2 {
                let (low, high) = controls[Self.jointCount + i]
                d.pointee.ctrl[Self.jointCount + i] = 0.5 * (high + low) + 0.5 * (high - low) * fingers[i]
            }
        }

        /// Takes the arm's state from MuJoCo, unless that has been done since the last torques.
        private func refresh() {
            guard needsRefresh else { return }
            needsRefresh = false
            let (m, d) = (model.pointer, data.pointer)
            let (nv, n) = (model.velocityCount, Self.jointCount)

            // Jacobians; velocities take all columns
            let (linear, angular) = (fullJacobian, fullJacobian + 3 * nv)
            mj_jacSite(m, d, linear, angular, siteID)
            var (v, w) = (Vector3.zero, Vector3.zero)
            let qvel = d.pointee.qvel!
            for r in 0..<3 {
                var (sumV, sumW) = (0.0, 0.0)
                for c in 0..<nv {
                    sumV += linear[r * nv + c] * qvel[c]
                    sumW += angular[r * nv + c] * qvel[c]
                }
                v[r] = sumV
                w[r] = sumW
                for c in 0..<n {
                    dynamics.jacobian[r * n + c] = linear[r * nv + dofs[c]]
                    dynamics.jacobian[(r + 3) * n + c] = angular[r * nv + dofs[c]]
                }
            }
            (dynamics.linearVelocity, dynamics.angularVelocity) = (v, w)

            // inertia of the arm's joints: each row of MuJoCo's sparse matrix runs from a joint towards the root
            for r in 0..<n {
                for c in 0..<n { dynamics.massMatrix[r * n + c] = 0 }
            }
            for r in 0..<n {
                var (dof, address) = (dofs[r], Int(m.pointee.dof_Madr[dofs[r]]))
                while dof >= 0 {
                    let c = jointOfDof[dof]
                    if c >= 0 {
                        dynamics.massMatrix[r * n + c] = d.pointee.qM[address]
                        dynamics.massMatrix[c * n + r] = d.pointee.qM[address]
                    }
                    dof = Int(m.pointee.dof_parentid[dof])
                    address += 1
                }
                dynamics.jointPositions[r] = d.pointee.qpos[positions[r]]
                dynamics.jointVelocities[r] = qvel[dofs[r]]
            }

            let site = Int(siteID)
            let (p, R) = (d.pointee.site_xpos + 3 * site, d.pointee.site_xmat + 9 * site)
            dynamics.position = Vector3(p[0], p[1], p[2])
            dynamics.rotation = Matrix3(
                rows: Vector3(R[0], R[1], R[2]), Vector3(R[3], R[4], R[5]), Vector3(R[6], R[7], R[8]))
        }
    }

    extension ArmController {
        /// Everything that decides its next torques, as it was or shall be.
        var state: State {
            get {
                let arm = arm
                let r = arm.rotation.columns
                let vectors = [arm.position, r.0, r.1, r.2, arm.linearVelocity, arm.angularVelocity]
                let flat =
                    vectors.flatMap { [$0.x, $0.y, $0.z] } + arm.jointPositions + arm.jointVelocities
                    + arm.linearJacobian.elements + arm.angularJacobian.elements + arm.massMatrix.elements
                return State(goal: goal, arm: flat, needsRefresh: needsRefresh, fingers: fingers)
            }
            set {
                var rest = newValue.arm[...]
                func take(_ count: Int) -> [Double] {
                    defer { rest = rest.dropFirst(count) }
                    return Array(rest.prefix(count))
                }
                func vector() -> Vector3 {
                    let v = take(3)
                    return Vector3(v[0], v[1], v[2])
                }
                let n = Self.jointCount
                var arm = arm
                arm.position = vector()
                arm.rotation = Matrix3(columns: vector(), vector(), vector())
                arm.linearVelocity = vector()
                arm.angularVelocity = vector()
                arm.jointPositions = take(n)
                arm.jointVelocities = take(n)
                arm.linearJacobian.elements = take(3 * n)
                arm.angularJacobian.elements = take(3 * n)
                arm.massMatrix.elements = take(n * n)
                dynamics.state = arm
                goal = newValue.goal
                needsRefresh = newValue.needsRefresh
                fingers = newValue.fingers
            }
        }
    }
#endif
