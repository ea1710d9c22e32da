extension RobotState {
    /// The mass of all moving bodies, in kg.
    public var movingMass: Double {
        var sum = 0.0
        for i in 0..<jointCount { sum += inertias[i].mass }
        return sum
    }

    /// The center of mass of all moving bodies, in the base; the origin when they have none.
    public var centerOfMass: Vector3 {
        var (mass, moment) = (0.0, Vector3.zero)
        for i in 0..<jointCount {
            mass += inertias[i].mass
            moment += inertias[i].mass * (poses[i] * inertias[i].center)
        }
        return mass == 0 ? .zero : moment / mass
    }

    /// `−Σ m g·c` of the moving bodies, in J; zero at the base's origin.
    public var potentialEnergy: Double {
        var sum = 0.0
        for i in 0..<jointCount { sum -= inertias[i].mass * model.gravity.dot(poses[i] * inertias[i].center) }
        return sum
    }

    /// `½ q̇ᵀ M q̇`, in J.
    public func kineticEnergy(velocities: [Double]) -> Double {
        let momentum = massMatrix() * velocities
        return zip(momentum, velocities).reduce(0) { $0 + $1.0 * $1.1 } / 2
    }
}
