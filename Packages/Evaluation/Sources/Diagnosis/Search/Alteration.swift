import RobotInterface
import ActionTokenizer
import ImageProcessing
import VLAPolicy

/// One mistake undone: a change of what a policy gets, or of what its numbers are taken for.
///
/// When the policy agrees better with its data under the change, the mistake was made.
struct Alteration {
    var cause: Cause
    /// The particulars, such as `red and blue of all cameras`.
    var what: String
    /// Where the mistake lies if the data are right.
    var remedy: String
    var observation: ((Observation, Frame) throws -> Observation?)?
    var pipeline: ((ObservationPipeline) -> ObservationPipeline?)?
    /// Ids of the words, in place of the tokenizer's.
    var promptIDs: ((Observation) -> [Int]?)?
    var decoding: ((ActionPipeline) -> ActionPipeline?)?
    /// Of predicted tokens: what their bins represent.
    var numbers: (([Float]) -> [Float])?
    var target: ((ActionChunk, Frame) -> ActionChunk?)?
    /// How often the mistake is made, beside others: decides between changes that do as well.
    var isRare = false

    init(_ cause: Cause, _ what: String, remedy: String) {
        (self.cause, self.what, self.remedy) = (cause, what, remedy)
    }

    /// Whether the model has to be asked again.
    var changesInputs: Bool { observation != nil || pipeline != nil || promptIDs != nil }

    // MARK: Kinds

    static func images(
        _ cause: Cause, _ what: String, remedy: String, of only: CameraName? = nil,
        _ change: @escaping @Sendable (RGBImage) -> RGBImage
    ) -> Alteration {
        var result = Alteration(cause, what, remedy: remedy)
        result.observation = { observation, _ in
            var observation = observation
            for (name, frame) in observation.cameras where only == nil || name == only {
                observation.cameras[name] = CameraFrame(frame.description) { change(try frame.image()) }
            }
            return observation
        }
        return result
    }

    static func state(
        _ cause: Cause, _ what: String, remedy: String, _ change: @escaping @Sendable (RobotState) -> RobotState?
    ) -> Alteration {
        var result = Alteration(cause, what, remedy: remedy)
        result.observation = { observation, _ in
            guard let state = observation.state, let changed = change(state) else { return nil }
            var observation = observation
            observation.state = changed
            return observation
        }
        return result
    }

    static func actions(
        _ cause: Cause, _ what: String, remedy: String, _ change: @escaping @Sendable ([Double]) -> [Double]
    ) -> Alteration {
        var result = Alteration(cause, what, remedy: remedy)
        result.target = { target, _ in ActionChunk(target.actions.map(change)) }
        return result
    }
}

/// How far predicted chunks are from what was done, frame by frame.
struct Agreement {
    /// Mean over the valid actions of the motion's difference in deviations of the data, plus half the share of wrong
    /// gripper commands.
    var costs: [Double]
    /// What the same action everywhere would cost, the median of the targets.
    var constantCost: Double

    var mean: Double { costs.isEmpty ? 0 : costs.reduce(0, +) / Double(costs.count) }
    /// 0 for predictions that are right, 1 for ones as bad as always doing the same.
    var relative: Double { mean / max(constantCost, 1e-9) }

    init(_ predictions: [ActionChunk?], targets: [ActionChunk], frames: [Frame], space: ActionSpace, scale: [Double]) {
        let last = space.dimensionCount - 1
        var rows: [[Double]] = []
        for (frame, target) in zip(frames, targets) {
            for step in 0..<frame.validCount { rows.append(target[step]) }
        }
        let median = (0...last).map { d -> Double in
            let values = rows.map { $0[d] }.sorted()
            return values.isEmpty ? 0 : values[values.count / 2]
        }
        func cost(_ predicted: (Int) -> [Double], _ target: ActionChunk, _ validCount: Int) -> Double {
            var sum = 0.0
            for step in 0..<validCount {
                let (a, b) = (predicted(step), target[step])
                var motion = 0.0
                for d in 0..<last { motion += min(abs(a[d] - b[d]) / scale[d], 10) }
                sum += motion / Double(max(last, 1))
                if GripperCoding.closes(a[last], space.gripperConvention)
                    != GripperCoding.closes(b[last], space.gripperConvention)
                {
                    sum += 0.5
                }
            }
            return sum / Double(validCount)
        }
        var constant = 0.0
        costs = []
        for (index, frame) in frames.enumerated() {
            let always = cost({ _ in median }, targets[index], frame.validCount)
            constant += always
            // a prediction that could not be made is as bad as none
            costs.append(predictions[index].map { p in cost({ p[$0] }, targets[index], frame.validCount) } ?? always)
        }
        constantCost = constant / Double(max(frames.count, 1))
    }

    /// How much better this is than another one: the share of the other's relative cost, and how many standard errors.
    func gain(over other: Agreement) -> (share: Double, errors: Double) {
        let differences = zip(other.costs, costs).map {
            $0 / max(other.constantCost, 1e-9) - $1 / max(constantCost, 1e-9)
        }
        let count = Double(differences.count)
        guard count > 1 else { return (0, 0) }
        let mean = differences.reduce(0, +) / count
        let variance = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        return (mean / max(other.relative, 1e-9), mean / max((variance / count).squareRoot(), 1e-12))
    }
}
