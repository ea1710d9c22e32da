import RobotInterface

/// Rules under which the world goes on while the policy computes.
///
/// An answer that takes t seconds takes effect t · controlRate steps after its observation, rounded to whole steps. Until
/// then the rest of the last chunk is carried out, and then the robot holds its pose. Of the new chunk the actions whose
/// time has passed are left out; of one that arrives after its end the last action is carried out.
public struct RealTime: Hashable, Codable, Sendable {
    /// Seconds that every answer takes; `nil` for what it really takes, which is not the same in every run.
    public var latency: Double?

    public init(latency: Double? = nil) { self.latency = latency }
}

/// Turns chunks that arrive late into one action per step.
struct RealTimeExecutor: Sendable {
    private let replanInterval: Int?
    private let actionSpace: ActionSpace
    private var chunk: ActionChunk?
    /// Actions of the chunk that are past.
    private var age = 0
    /// The chunk on its way, how many steps it still needs, and how old it will be.
    private var pending: (chunk: ActionChunk, stepsLeft: Int, age: Int)?
    private var held: [Double]
    /// Steps without an action so far.
    private(set) var heldStepCount = 0

    /// - Parameters:
    ///   - replanInterval: Steps after an observation at which the next one is asked about; `nil` for the whole chunk.
    ///   - actionSpace: What a pose is held with.
    ///   - firstAction: What the robot was told last.
    init(replanInterval: Int?, actionSpace: ActionSpace, firstAction: [Double]) {
        (self.replanInterval, self.actionSpace) = (replanInterval, actionSpace)
        held = Self.hold(after: firstAction, in: actionSpace)
    }

    /// Whether the policy is free and has to be asked about the observation of this step.
    var needsChunk: Bool {
        guard pending == nil else { return false }
        guard let chunk else { return true }
        return age >= min(replanInterval ?? chunk.horizon, chunk.horizon)
    }

    /// Begins a step: what has arrived takes effect.
    mutating func beginStep() {
        guard let (new, stepsLeft, age) = pending, stepsLeft == 0 else { return }
        (chunk, self.age, pending) = (new, min(age, new.horizon - 1), nil)
    }

    /// Takes the answer to the observation of this step, which arrives after `seconds`.
    mutating func receive(_ chunk: ActionChunk, after seconds: Double) {
        precondition(chunk.horizon > 0, "RealTimeExecutor: an empty chunk")
        let steps = Int((max(seconds, 0) * actionSpace.controlRate).rounded().clamped(to: 0...1e6))
        pending = (chunk, steps, steps)
        beginStep()
    }

    mutating func nextAction() -> [Double] {
        pending?.stepsLeft -= 1
        guard let chunk, age < chunk.horizon else {
            heldStepCount += 1
            return held
        }
        defer { age += 1 }
        held = Self.hold(after: chunk[age], in: actionSpace)
        return chunk[age]
    }

    /// No motion, and the gripper as it was told last.
    private static func hold(after action: [Double], in space: ActionSpace) -> [Double] {
        switch space.command {
        // worlds refuse actions whose meaning is not stated
        case .endEffectorPose, .jointPositions, .unspecified: action
        case .endEffectorDelta, .jointDelta:
            [Double](repeating: 0, count: max(action.count - 1, 0)) + action.suffix(1)
        }
    }
}

extension Double {
    fileprivate func clamped(to range: ClosedRange<Double>) -> Double {
        isNaN ? range.lowerBound : Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
    }
}
