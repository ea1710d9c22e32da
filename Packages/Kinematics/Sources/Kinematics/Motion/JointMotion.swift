/// Where the joints are at a time, and how they move; radians or metres, per second, per second squared.
public struct MotionState: Equatable, Sendable {
    public var positions: [Double]
    public var velocities: [Double]
    public var accelerations: [Double]

    public init(positions: [Double], velocities: [Double], accelerations: [Double]) {
        self.positions = positions
        self.velocities = velocities
        self.accelerations = accelerations
    }
}

/// A motion of all joints over time.
public protocol JointMotion: Sendable {
    /// In seconds.
    var duration: Double { get }
    /// The state at a time; before 0 and after the end, at rest at the nearer end.
    func state(at time: Double) -> MotionState
}

extension JointMotion {
    /// How many intervals a fixed rate makes of the motion; nil for more than ``JointTrajectory/sampleLimit``: limits that
    /// were read may make a motion that takes longer than anybody waits.
    public func sampleCount(rate: Double) -> Int? {
        let count = (duration * rate).rounded(.up)
        return count <= Double(JointTrajectory.sampleLimit) ? max(Int(count), 0) : nil
    }

    /// The states at a fixed rate, the last one at the end. Traps where ``sampleCount(rate:)`` is nil.
    ///
    /// - Parameter rate: In Hz; a Piper takes 200, a Panda 1000.
    public func sampled(rate: Double) -> JointTrajectory {
        precondition(rate > 0, "sampled: a rate of \(rate) Hz")
        guard let count = sampleCount(rate: rate) else {
            preconditionFailure("sampled: \(duration) s at \(rate) Hz")
        }
        let times = (0...count).map { min(Double($0) / rate, duration) }
        return JointTrajectory(times: times, states: times.map { state(at: $0) })
    }
}

/// The most a joint may do; infinite where nothing is known.
public struct MotionLimits: Sendable {
    public var velocities: [Double]
    public var accelerations: [Double]
    public var jerks: [Double]

    public init(velocities: [Double], accelerations: [Double], jerks: [Double]? = nil) {
        precondition(
            velocities.count == accelerations.count && (jerks?.count ?? velocities.count) == velocities.count,
            "MotionLimits: \(velocities.count) velocities, \(accelerations.count) accelerations")
        precondition(
            (velocities + accelerations + (jerks ?? [])).allSatisfy { $0 > 0 }, "MotionLimits: a limit of 0 or less")
        self.velocities = velocities
        self.accelerations = accelerations
        self.jerks = jerks ?? velocities.map { _ in .infinity }
    }

    /// A model's, with what it does not know replaced.
    public init(
        of model: RobotModel, velocity: Double = 1, acceleration: Double = 5, jerk: Double = 100, scale: Double = 1
    ) {
        func known(_ value: Double, _ other: Double) -> Double { value.isFinite ? value : other }
        self.init(
            velocities: model.coordinates.map { scale * known($0.velocity, velocity) },
            accelerations: model.coordinates.map { scale * known($0.acceleration, acceleration) },
            jerks: model.coordinates.map { scale * known($0.jerk, jerk) })
    }
}

/// States at times, as they are sent to an arm or written to a file.
public struct JointTrajectory: Sendable {
    /// The most samples that ``JointMotion/sampled(rate:)`` makes: 16 minutes at 1000 Hz.
    public static let sampleLimit = 1_000_000

    public var times: [Double]
    public var states: [MotionState]

    public init(times: [Double], states: [MotionState]) {
        precondition(times.count == states.count, "JointTrajectory: \(times.count) times, \(states.count) states")
        self.times = times
        self.states = states
    }

    public var duration: Double { times.last ?? 0 }

    /// Both, one after the other; the second's first state, which is where the first ends, is left out.
    public func followed(by other: JointTrajectory) -> JointTrajectory {
        guard !times.isEmpty else { return other }
        return JointTrajectory(
            times: times + other.times.dropFirst().map { $0 + duration }, states: states + other.states.dropFirst())
    }

    /// How much of its limits a motion uses: 1 is all.
    public struct Usage: Equatable, Sendable {
        public var velocity: Double
        public var acceleration: Double
        /// Between neighbouring samples.
        public var jerk: Double
        /// How far beyond a position limit a joint is; 0 within.
        public var beyondPosition: Double

        public func isWithin(_ margin: Double = 1e-9) -> Bool {
            velocity <= 1 + margin && acceleration <= 1 + margin && beyondPosition <= margin
        }
    }

    /// The largest shares of the limits at any sample.
    public func usage(of limits: MotionLimits, model: RobotModel? = nil) -> Usage {
        var usage = Usage(velocity: 0, acceleration: 0, jerk: 0, beyondPosition: 0)
        for (index, state) in states.enumerated() {
            for i in limits.velocities.indices {
                usage.velocity = max(usage.velocity, abs(state.velocities[i]) / limits.velocities[i])
                usage.acceleration = max(usage.acceleration, abs(state.accelerations[i]) / limits.accelerations[i])
                if let coordinate = model?.coordinates[i] {
                    let q = state.positions[i]
                    usage.beyondPosition = max(usage.beyondPosition, coordinate.lower - q, q - coordinate.upper)
                }
                guard index > 0, times[index] - times[index - 1] > 1e-9 else { continue }
                let change = abs(state.accelerations[i] - states[index - 1].accelerations[i])
                usage.jerk = max(usage.jerk, change / (times[index] - times[index - 1]) / limits.jerks[i])
            }
        }
        return usage
    }
}
