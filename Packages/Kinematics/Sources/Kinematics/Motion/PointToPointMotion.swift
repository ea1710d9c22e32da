/// A straight line in joint space with one time law for all joints, from rest to rest.
public struct PointToPointMotion: JointMotion {
    /// How the share of the way goes from 0 to 1.
    public enum Law: Equatable, Sendable {
        /// `s = 10 t³ − 15 t⁴ + 6 t⁵`; peaks 1.875 of the mean velocity, 5.7735 of the mean acceleration.
        case minimumJerk
        /// Accelerates for this share of the time, 0…½, goes evenly and brakes as long.
        case trapezoid(ramp: Double)

        /// The share and its derivatives at a share of the time.
        public func values(at t: Double) -> (s: Double, first: Double, second: Double) {
            switch self {
            case .minimumJerk:
                let (t2, t3) = (t * t, t * t * t)
                return (t3 * (10 - 15 * t + 6 * t2), 30 * t2 * (1 - 2 * t + t2), 60 * t * (1 - 3 * t + 2 * t2))
            case .trapezoid(let ramp):
                let peak = 1 / (1 - ramp)
                let slope = peak / ramp
                if t < ramp { return (slope * t * t / 2, slope * t, slope) }
                if t <= 1 - ramp { return (peak * (t - ramp / 2), peak, 0) }
                let left = 1 - t
                return (1 - slope * left * left / 2, slope * left, -slope)
            }
        }

        /// The largest velocity, acceleration and jerk of the share in unit time.
        var peaks: (velocity: Double, acceleration: Double, jerk: Double) {
            switch self {
            case .minimumJerk: (1.875, 10 / 3.0.squareRoot(), 60)
            case .trapezoid(let ramp): (1 / (1 - ramp), 1 / (ramp * (1 - ramp)), 0)
            }
        }
    }

    public let start: [Double]
    public let end: [Double]
    public let duration: Double
    public let law: Law

    /// A motion of a given duration.
    public init(from start: [Double], to end: [Double], duration: Double, law: Law = .minimumJerk) {
        precondition(start.count == end.count, "PointToPointMotion: \(start.count) and \(end.count) positions")
        precondition(duration >= 0, "PointToPointMotion: a duration of \(duration) s")
        if case .trapezoid(let ramp) = law { precondition(ramp > 0 && ramp <= 0.5, "trapezoid: a ramp of \(ramp)") }
        self.start = start
        self.end = end
        self.duration = duration
        self.law = law
    }

    /// The shortest motion of this law within the limits; the jerk counts for the minimum-jerk law only.
    public init(from start: [Double], to end: [Double], limits: MotionLimits, law: Law = .minimumJerk) {
        precondition(
            start.count == limits.velocities.count, "PointToPointMotion: limits of \(limits.velocities.count) joints")
        let peaks = law.peaks
        var duration = 0.0
        for i in start.indices {
            let way = abs(end[i] - start[i])
            duration = max(
                duration, peaks.velocity * way / limits.velocities[i],
                (peaks.acceleration * way / limits.accelerations[i]).squareRoot(),
                cubeRoot(peaks.jerk * way / limits.jerks[i]))
        }
        self.init(from: start, to: end, duration: duration, law: law)
    }

    public func state(at time: Double) -> MotionState {
        guard duration > 0, time > 0, time < duration else {
            let zeros = start.map { _ in 0.0 }
            let isAtStart = time <= 0 && duration > 0
            return MotionState(positions: isAtStart ? start : end, velocities: zeros, accelerations: zeros)
        }
        let (s, first, second) = law.values(at: time / duration)
        let way = zip(start, end).map { $1 - $0 }
        return MotionState(
            positions: zip(start, way).map { $0 + s * $1 }, velocities: way.map { first / duration * $0 },
            accelerations: way.map { second / (duration * duration) * $0 })
    }
}
