/// Joint velocities that move a frame with a twist: differential inverse kinematics.
///
///     q̇ = J⁺ v + (I − J⁺ J) · k (q₀ − q)        J⁺ = Jᵀ (J Jᵀ + λ² I)⁻¹
///
/// Velocities beyond their limits are scaled down together, so that the direction of the twist is kept; a joint at a
/// position limit does not go on. Source: Whitney 1969; Nakamura & Hanafusa 1986.
public struct ResolvedRateController: Sendable {
    public let model: RobotModel
    public var frame: RobotModel.Frame
    /// `λ`: near singular postures the frame lags rather than the joints race.
    public var damping = 0.01
    /// `k` in 1/s, and `q₀`.
    public var postureGain = 0.0
    public var posture: [Double]
    /// Used where the model knows none, in rad/s or m/s.
    public var defaultVelocityLimit = 1.0

    public init(_ model: RobotModel, frame: RobotModel.Frame) {
        self.model = model
        self.frame = frame
        posture = model.preferredPositions
    }

    /// The velocities at a state's posture for a twist in the axes of the base.
    ///
    /// - Parameters:
    ///   - twist: Of ``frame``, in m/s and rad/s.
    ///   - state: The posture.
    ///   - period: Seconds until the next command; positions do not leave their limits within it.
    public func velocities(for twist: Twist, at state: RobotState, period: Double) -> [Double] {
        let n = model.coordinateCount
        let j = state.jacobian(of: frame)
        var square = j * j.transposed
        for i in 0..<6 { square[i, i] += damping * damping }
        guard let inverse = square.inverse else { return [Double](repeating: 0, count: n) }
        let pseudo = j.transposed * inverse
        let (v, w) = (twist.linear, twist.angular)
        var result = pseudo * [v.x, v.y, v.z, w.x, w.y, w.z]
        if postureGain > 0 {
            let pull = (0..<n).map { postureGain * (posture[$0] - state.positions[$0]) }
            let taken = pseudo * (j * pull)
            for i in 0..<n { result[i] += pull[i] - taken[i] }
        }
        for i in 0..<n {
            let coordinate = model.coordinates[i]
            let next = state.positions[i] + period * result[i]
            if next < coordinate.lower && result[i] < 0 || next > coordinate.upper && result[i] > 0 {
                let limit = result[i] < 0 ? coordinate.lower : coordinate.upper
                result[i] = (limit - state.positions[i]) / period
            }
        }
        var scale = 1.0
        for i in 0..<n {
            let limit = model.coordinates[i].velocity.isFinite ? model.coordinates[i].velocity : defaultVelocityLimit
            scale = min(scale, limit / max(abs(result[i]), 1e-300))
        }
        return result.map { scale * $0 }
    }
}

/// Springs and dampers at the joints, with the arm's weight carried.
///
///     τ = k (q* − q) − d q̇ + g(q)
public struct JointImpedanceController: Sendable {
    /// N m/rad or N/m, for each coordinate.
    public var stiffness: [Double]
    /// N m s/rad or N s/m, for each coordinate.
    public var damping: [Double]

    public init(stiffness: [Double], damping: [Double]) {
        precondition(stiffness.count == damping.count, "JointImpedanceController: \(stiffness.count), \(damping.count)")
        self.stiffness = stiffness
        self.damping = damping
    }

    /// The torques at a state's posture.
    public func torques(to goal: [Double], at state: RobotState, velocities: [Double]) -> [Double] {
        let n = stiffness.count
        precondition(
            goal.count == n && velocities.count == n && state.positions.count == n,
            "torques: \(goal.count) positions, \(velocities.count) velocities for \(n) joints")
        let gravity = state.gravityTorques()
        return (0..<n).map { i -> Double in
            let spring = stiffness[i] * (goal[i] - state.positions[i])
            return spring - damping[i] * velocities[i] + gravity[i]
        }
    }
}
