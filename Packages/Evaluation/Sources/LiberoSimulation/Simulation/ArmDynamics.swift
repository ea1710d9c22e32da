import Kinematics

/// The state of an arm of seven joints and the torques that follow from it, computed without allocating: the controller
/// runs 500 times in a simulated second.
///
/// The torques are those of `OperationalSpaceController`, with Cholesky factors in place of inverses:
///
///     M = L Lᵀ      Y = L⁻¹ Jᵀ      Λ⁻¹ = J M⁻¹ Jᵀ = Yᵀ Y
///     τ = Jᵀ [Λp F; Λr T] + bias + M p − Jᵀ Λ J p      p = kn (q₀ − q) − kdn q̇
///
/// The last two terms are `Nᵀ M p`. Close to a singular posture, where NumPy's pseudo-inverse cuts off, the plain
/// computation is taken.
final class ArmDynamics {
    static let jointCount = 7

    /// `[6, 7]`: linear above angular velocity by joint velocities.
    let jacobian: UnsafeMutablePointer<Double>
    /// `[7, 7]`
    let massMatrix: UnsafeMutablePointer<Double>
    let jointPositions: UnsafeMutablePointer<Double>
    let jointVelocities: UnsafeMutablePointer<Double>
    /// The results, and before they are computed the bias to be added: N m.
    let torques: UnsafeMutablePointer<Double>
    var position = Vector3.zero
    var rotation = Matrix3.identity
    var linearVelocity = Vector3.zero
    var angularVelocity = Vector3.zero

    private var law: OperationalSpaceController
    private let posture: UnsafeMutablePointer<Double>
    // scratch: M's factor, Y [7, 6], Λ⁻¹'s factor [6, 6], Λr⁻¹'s [3, 3], vectors of joints and of the wrench
    private let massFactor, y, taskFactor, turnFactor, pull, wrench, posturePull: UnsafeMutablePointer<Double>
    private let block: UnsafeMutableBufferPointer<Double>

    init(_ law: OperationalSpaceController) {
        precondition(law.posture.count == Self.jointCount, "ArmDynamics: a posture of \(law.posture.count) joints")
        self.law = law
        let n = Self.jointCount
        let sizes = [6 * n, n * n, n, n, n, n, n * n, n * 6, 36, 9, n, 6, 6]
        block = .allocate(capacity: sizes.reduce(0, +))
        block.initialize(repeating: 0)
        var next = block.baseAddress!
        func take(_ index: Int) -> UnsafeMutablePointer<Double> {
            defer { next += sizes[index] }
            return next
        }
        (jacobian, massMatrix, jointPositions, jointVelocities) = (take(0), take(1), take(2), take(3))
        (torques, posture, massFactor, y) = (take(4), take(5), take(6), take(7))
        (taskFactor, turnFactor, pull, wrench, posturePull) = (take(8), take(9), take(10), take(11), take(12))
        for i in 0..<n {
            posture[i] = law.posture[i]
            massMatrix[i * n + i] = 1
        }
    }

    deinit { block.deallocate() }

    /// The posture that the null space pulls to, in radians.
    var nullSpacePosture: [Double] {
        get { law.posture }
        set {
            precondition(newValue.count == Self.jointCount, "ArmDynamics: a posture of \(newValue.count) joints")
            law.posture = newValue
            for i in 0..<Self.jointCount { posture[i] = newValue[i] }
        }
    }

    /// Adds the torques for a goal to the bias in ``torques``.
    func computeTorques(for goal: OperationalSpaceController.Goal) {
        let (n, gains) = (Self.jointCount, law.gains)

        // wrench in units of acceleration
        let force = gains.position.stiffness * (goal.position - position) - gains.position.damping * linearVelocity
        let error = OperationalSpaceController.rotationError(from: rotation, to: goal.rotation)
        let moment = gains.rotation.stiffness * error - gains.rotation.damping * angularVelocity

        // M = L Lᵀ, Y = L⁻¹ Jᵀ
        massFactor.update(from: massMatrix, count: n * n)
        guard Self.factor(massFactor, n) else { return computePlainly(goal) }
        for c in 0..<6 {
            for r in 0..<n {
                var sum = jacobian[c * n + r]
                for k in 0..<r { sum -= massFactor[r * n + k] * y[k * 6 + c] }
                y[r * 6 + c] = sum / massFactor[r * n + r]
            }
        }

        // Λ⁻¹ = Yᵀ Y; its first three rows are Λp⁻¹, its last three and columns Λr⁻¹
        for r in 0..<6 {
            for c in 0...r {
                var sum = 0.0
                for k in 0..<n { sum += y[k * 6 + r] * y[k * 6 + c] }
                taskFactor[r * 6 + c] = sum
            }
        }
        for r in 0..<3 { for c in 0...r { turnFactor[r * 3 + c] = taskFactor[(r + 3) * 6 + c + 3] } }
        guard Self.factor(taskFactor, 6), Self.factor(turnFactor, 3) else { return computePlainly(goal) }
        for i in 0..<3 { (wrench[i], wrench[i + 3]) = (force[i], moment[i]) }
        Self.solve(taskFactor, 3, stride: 6, wrench)
        Self.solve(turnFactor, 3, stride: 3, wrench + 3)

        // the posture's pull, and what of it moves the hand
        for i in 0..<n {
            pull[i] =
                gains.posture.stiffness * (posture[i] - jointPositions[i]) - gains.posture.damping * jointVelocities[i]
        }
        for r in 0..<6 {
            var sum = 0.0
            for k in 0..<n { sum += jacobian[r * n + k] * pull[k] }
            posturePull[r] = sum
        }
        Self.solve(taskFactor, 6, stride: 6, posturePull)

        for i in 0..<n {
            var (task, free) = (0.0, 0.0)
            for r in 0..<6 { task += jacobian[r * n + i] * (wrench[r] - posturePull[r]) }
            for k in 0..<n { free += massMatrix[i * n + k] * pull[k] }
            torques[i] += task + free
        }
    }

    /// Whether the last torques lack an answer to the goal: the mass matrix has no inverse.
    var isSingular = false

    /// The plain computation, for any posture.
    private func computePlainly(_ goal: OperationalSpaceController.Goal) {
        if state.massMatrix.inverse?.elements.allSatisfy(\.isFinite) != true { isSingular = true }
        let bias = (0..<Self.jointCount).map { torques[$0] }
        for (i, torque) in law.torques(for: state, goal: goal, bias: bias).enumerated() { torques[i] = torque }
    }

    /// Everything but the torques, as a value.
    var state: OperationalSpaceController.State {
        get {
            let n = Self.jointCount
            func numbers(_ start: UnsafeMutablePointer<Double>, _ count: Int) -> [Double] {
                Array(UnsafeBufferPointer(start: start, count: count))
            }
            return OperationalSpaceController.State(
                linearJacobian: Matrix(rowCount: 3, columnCount: n, elements: numbers(jacobian, 3 * n)),
                angularJacobian: Matrix(rowCount: 3, columnCount: n, elements: numbers(jacobian + 3 * n, 3 * n)),
                massMatrix: Matrix(rowCount: n, columnCount: n, elements: numbers(massMatrix, n * n)),
                jointPositions: numbers(jointPositions, n), jointVelocities: numbers(jointVelocities, n),
                position: position, rotation: rotation, linearVelocity: linearVelocity,
                angularVelocity: angularVelocity)
        }
        set {
            let n = Self.jointCount
            precondition(newValue.jointPositions.count == n, "ArmDynamics: \(newValue.jointPositions.count) joints")
            for i in 0..<3 * n {
                jacobian[i] = newValue.linearJacobian.elements[i]
                jacobian[3 * n + i] = newValue.angularJacobian.elements[i]
            }
            for i in 0..<n * n { massMatrix[i] = newValue.massMatrix.elements[i] }
            for i in 0..<n {
                (jointPositions[i], jointVelocities[i]) = (newValue.jointPositions[i], newValue.jointVelocities[i])
            }
            (position, rotation) = (newValue.position, newValue.rotation)
            (linearVelocity, angularVelocity) = (newValue.linearVelocity, newValue.angularVelocity)
        }
    }

    // MARK: - Cholesky

    /// Puts `L` of `A = L Lᵀ` in the place of the lower half of a symmetric `[n, n]` matrix; false when it is not clearly
    /// positive definite.
    private static func factor(_ a: UnsafeMutablePointer<Double>, _ n: Int) -> Bool {
        for c in 0..<n {
            let whole = a[c * n + c]
            var diagonal = whole
            for k in 0..<c { diagonal -= a[c * n + k] * a[c * n + k] }
            guard diagonal > 1e-10 * whole else { return false }
            let root = diagonal.squareRoot()
            a[c * n + c] = root
            for r in (c + 1)..<max(n, c + 1) {
                var sum = a[r * n + c]
                for k in 0..<c { sum -= a[r * n + k] * a[c * n + k] }
                a[r * n + c] = sum / root
            }
        }
        return true
    }

    /// Solves `L Lᵀ x = b` in the place of b, with the first n rows of a factor.
    private static func solve(
        _ l: UnsafeMutablePointer<Double>, _ n: Int, stride: Int, _ b: UnsafeMutablePointer<Double>
    ) {
        for r in 0..<n {
            var sum = b[r]
            for k in 0..<r { sum -= l[r * stride + k] * b[k] }
            b[r] = sum / l[r * stride + r]
        }
        for r in (0..<n).reversed() {
            var sum = b[r]
            for k in (r + 1)..<max(n, r + 1) { sum -= l[k * stride + r] * b[k] }
            b[r] = sum / l[r * stride + r]
        }
    }
}
