import Foundation

/// A path with one time law for its parameter, from rest to rest.
public struct PathMotion: JointMotion {
    public let path: JointPath
    public let duration: Double
    public let law: PointToPointMotion.Law

    /// The shortest motion of this law within the limits.
    ///
    /// In unit time the velocities, accelerations and jerks along the path are measured once; they fall with the first,
    /// second and third power of the duration.
    public init(
        _ path: JointPath, limits: MotionLimits, law: PointToPointMotion.Law = .minimumJerk, sampleCount: Int = 1000
    ) {
        precondition(
            limits.velocities.count == path.dimension, "PathMotion: limits of \(limits.velocities.count) joints")
        self.path = path
        self.law = law
        var (duration, previous): (Double, [Double]?) = (0, nil)
        for k in 0...sampleCount {
            let (velocities, accelerations) = Self.unit(path, law, at: Double(k) / Double(sampleCount))
            for i in velocities.indices {
                duration = max(
                    duration, abs(velocities[i]) / limits.velocities[i],
                    (abs(accelerations[i]) / limits.accelerations[i]).squareRoot())
                if let previous, law == .minimumJerk {
                    let jerk = abs(accelerations[i] - previous[i]) * Double(sampleCount)
                    duration = max(duration, cbrt(jerk / limits.jerks[i]))
                }
            }
            previous = accelerations
        }
        // what happens between the samples
        self.duration = duration * 1.001
    }

    private static func unit(
        _ path: JointPath, _ law: PointToPointMotion.Law, at t: Double
    ) -> (velocities: [Double], accelerations: [Double]) {
        let (s, ds, dds) = law.values(at: t)
        let range = path.parameterRange
        let length = range.upperBound - range.lowerBound
        let (_, first, second) = path.values(at: range.lowerBound + s * length)
        return (
            first.map { $0 * ds * length },
            zip(first, second).map { $0 * dds * length + $1 * ds * ds * length * length }
        )
    }

    public func state(at time: Double) -> MotionState {
        let t = duration > 0 ? min(max(time / duration, 0), 1) : 1
        let range = path.parameterRange
        let (s, _, _) = law.values(at: t)
        let positions = path.values(at: range.lowerBound + s * (range.upperBound - range.lowerBound)).positions
        guard duration > 0, time > 0, time < duration else {
            let zeros = positions.map { _ in 0.0 }
            return MotionState(positions: positions, velocities: zeros, accelerations: zeros)
        }
        let (velocities, accelerations) = Self.unit(path, law, at: t)
        return MotionState(
            positions: positions, velocities: velocities.map { $0 / duration },
            accelerations: accelerations.map { $0 / (duration * duration) })
    }
}
