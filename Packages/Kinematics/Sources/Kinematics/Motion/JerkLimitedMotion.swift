/// All joints from a state to another in the shortest common time within limits of velocity, acceleration and jerk.
///
/// Each joint's shortest duration and the durations it cannot have are found; the motion takes the shortest duration
/// that all can have. The same problem as in Berscheid & Kröger 2021 (Ruckig). Where a joint begins with most of its
/// acceleration and another is slower, the common duration can be longer than need be: joints are slowed down by a
/// lower cruising velocity only.
public struct JerkLimitedMotion: JointMotion {
    public let duration: Double
    /// What each joint would need by itself.
    public let shortestDurations: [Double]
    private let profiles: [JerkLimitedProfile]

    /// The shortest motion; nil when a last velocity or acceleration is beyond its limit.
    ///
    /// - Parameters:
    ///   - start: Positions, velocities and accelerations; a first acceleration beyond its limit is brought back first.
    ///   - positions: Where to.
    ///   - velocities: How fast there; at rest when nil.
    ///   - accelerations: Likewise; zero when nil.
    ///   - limits: Of velocity, acceleration and jerk.
    public init?(
        from start: MotionState, to positions: [Double], velocities: [Double]? = nil, accelerations: [Double]? = nil,
        limits: MotionLimits
    ) {
        let n = positions.count
        precondition(
            start.positions.count == n && start.velocities.count == n && start.accelerations.count == n
                && (velocities?.count ?? n) == n && (accelerations?.count ?? n) == n && limits.velocities.count == n,
            "JerkLimitedMotion: start, end and limits are of different sizes")
        precondition(limits.jerks.allSatisfy(\.isFinite), "JerkLimitedMotion: a joint without jerk limit")
        for i in 0..<n {
            let (v, a) = (velocities?[i] ?? 0, accelerations?[i] ?? 0)
            // a velocity that the last acceleration has come from must be within its limit, too
            let before = max(abs(v), abs(v - a * abs(a) / (2 * limits.jerks[i])))
            if before > limits.velocities[i] || abs(a) > limits.accelerations[i] { return nil }
        }
        let problems = (0..<n).map { i -> JerkLimitedProblem in
            let first = JerkLimitedProfile.Boundary(
                position: start.positions[i], velocity: start.velocities[i], acceleration: start.accelerations[i])
            let last = JerkLimitedProfile.Boundary(
                position: positions[i], velocity: velocities?[i] ?? 0, acceleration: accelerations?[i] ?? 0)
            let bounds = JerkLimitedProfile.Limits(
                velocity: limits.velocities[i], acceleration: limits.accelerations[i], jerk: limits.jerks[i])
            return JerkLimitedProblem(from: first, to: last, limits: bounds)
        }
        let candidates = problems.map { $0.candidates() }
        guard candidates.allSatisfy({ !$0.isEmpty }) else { return nil }
        shortestDurations = candidates.map { $0[0].duration }

        // possible durations begin only where some joint's do
        let longest = shortestDurations.max() ?? 0
        let times = candidates.flatMap { $0.map(\.duration) }.filter { $0 >= longest }.sorted()
        for time in times {
            var found: [JerkLimitedProfile] = []
            for i in 0..<n {
                // a joint's own candidate is exact
                if let exact = candidates[i].first(where: { $0.duration == time }) {
                    found.append(problems[i].profile(exact))
                } else if let profile = problems[i].profile(duration: time) {
                    found.append(profile)
                } else {
                    break
                }
            }
            if found.count == n {
                duration = time
                profiles = found
                return
            }
        }
        return nil
    }

    public func state(at time: Double) -> MotionState {
        let states = profiles.map { $0.state(at: min(max(time, 0), duration)) }
        return MotionState(
            positions: states.map(\.position), velocities: states.map(\.velocity),
            accelerations: states.map(\.acceleration))
    }
}
