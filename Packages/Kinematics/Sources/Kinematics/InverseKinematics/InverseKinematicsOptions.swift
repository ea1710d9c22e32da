extension InverseKinematics {
    /// How exact, how long, and which of several solutions.
    public struct Options: Sendable {
        /// Metres, of the distance between the origins.
        public var positionTolerance: Double
        /// Radians, of the angle between the frames.
        public var rotationTolerance: Double
        /// Starting points that are tried: the given one, the preferred posture, then a sequence that fills the limits.
        public var startLimit = 1000
        /// Steps from one starting point.
        public var iterationLimit = 100
        /// Seconds for one target, nil for none. With a limit, results depend on the machine's speed.
        public var timeLimit: Double?
        /// Seconds in which the joints must get from the first starting point to the solution at their velocity limits;
        /// nil where that does not matter. What they do not reach in it is beyond the limits.
        public var period: Double?
        /// Turns the sequence of starting points into another.
        public var seed: UInt64 = 0
        public var damping: Damping = .multiplicative
        /// What the null space is used for.
        public var posture: Posture?
        public var choice: Choice = .first
        /// Whether a failure is examined for its reason, which costs up to two more searches.
        public var diagnosesFailures = true

        public init(positionTolerance: Double = 1e-5, rotationTolerance: Double = 1e-5) {
            self.positionTolerance = positionTolerance
            self.rotationTolerance = rotationTolerance
        }

        /// 5 mm and 0.05 rad: what a planner calls reached.
        public static let planning = Options(positionTolerance: 5e-3, rotationTolerance: 0.05)
        /// 1e-5 m and 1e-5 rad.
        public static let precise = Options()
        /// 1e-6 m and 1e-6 rad.
        public static let tight = Options(positionTolerance: 1e-6, rotationTolerance: 1e-6)
    }

    /// How the damping `λ` of a step follows the error.
    public enum Damping: Sendable {
        /// Falls after a step that helped, grows after one that did not.
        case multiplicative
        /// `λ = k · ½|e|²`. Source: Chan & Lawrence 1988.
        case errorProportional(Double)
        /// `λ = ½|e|² + w`. Source: Sugihara 2011, IEEE Transactions on Robotics 27(5).
        case errorPlus(Double)
    }

    /// A posture that the joints are drawn to as far as the target leaves them free.
    public struct Posture: Sendable {
        public var positions: [Double]
        /// The share of the way that is gone in one step, 0…1.
        public var gain: Double

        public init(_ positions: [Double], gain: Double = 0.3) {
            self.positions = positions
            self.gain = gain
        }
    }

    /// Which of the solutions is returned.
    public enum Choice: Equatable, Sendable {
        /// The first that is found: the fastest.
        case first
        /// Of the first `count`, the one with the least largest joint movement from the given start.
        case closest(count: Int)
        /// Of the first `count`, the one with the largest manipulability of the first target's frame.
        case manipulability(count: Int)
        /// Of the first `count`, the one farthest from collision.
        case clearance(count: Int)

        var count: Int {
            switch self {
            case .first: 1
            case .closest(let count), .manipulability(let count), .clearance(let count): count
            }
        }
    }

    /// What became of a target.
    public enum Outcome: Equatable, Sendable {
        /// All errors are within the tolerances, limits are kept, nothing collides.
        case converged
        /// The position alone cannot be reached: beyond the length of the arm, or by no start even without limits.
        case outOfReach
        /// The pose is reached only beyond the joints' limits, or later than in the period given.
        case limits
        /// The pose is reached, and every time something collides.
        case collision
        /// This many starts ended at a distance, though position alone can be reached.
        case localMinimum(starts: Int)
        /// The time limit came first, after this many starts.
        case timeLimit(starts: Int)
    }

    /// The best that was found, and how good it is.
    public struct Solution: Sendable {
        public var outcome: Outcome
        /// Within the limits in any case.
        public var positions: [Double]
        /// Metres, measured by forward kinematics; the largest of several targets, along directions that count.
        public var positionError: Double
        /// Radians, likewise.
        public var rotationError: Double
        /// Which of each target's poses was aimed at.
        public var poseIndices: [Int]
        /// Whether the errors are within the tolerances, collisions aside.
        public var isPoseReached: Bool
        public var isSelfCollisionFree: Bool
        public var isWorldCollisionFree: Bool
        /// Steps of all starts together.
        public var iterationCount: Int
        /// Starting points that were tried.
        public var startCount: Int
        /// The starting point the result came from: 0 is the first given one.
        public var startIndex: Int
        /// How long the search took.
        public var seconds: Double

        /// An empty one, for ``InverseKinematicsSearch/solve(_:startingAt:into:)`` to fill.
        public init() {
            (outcome, positions, poseIndices) = (.localMinimum(starts: 0), [], [])
            (positionError, rotationError, isPoseReached) = (.infinity, .infinity, false)
            (isSelfCollisionFree, isWorldCollisionFree) = (true, true)
            (iterationCount, startCount, startIndex, seconds) = (0, 0, 0, 0)
        }

        public var isConverged: Bool { outcome == .converged }
    }
}
