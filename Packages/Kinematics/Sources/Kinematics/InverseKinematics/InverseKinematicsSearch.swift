/// The memory and the loops of one search, for target after target of the same frames; used by one thread at a time.
///
/// Made by ``InverseKinematics/makeSearch(for:)``. ``solve(_:startingAt:into:)`` allocates nothing.
public final class InverseKinematicsSearch {
    /// What a frame is aimed at in the current run.
    struct Aim {
        var rotation: Matrix3
        var translation: Vector3
        var positionWeights: Vector3
        var rotationWeights: Vector3
        var isUniform: Bool
    }

    public let solver: InverseKinematics
    /// The frames of its targets, in their order.
    public let frames: [RobotModel.Frame]
    let n: Int
    let joints: UnsafeMutablePointer<ModelTree.Joint>
    let poses: UnsafeMutablePointer<Transform>
    /// The joints whose bodies are needed, parents first.
    let order: UnsafeMutableBufferPointer<Int>
    /// The joints that move each frame.
    let paths: UnsafeMutableBufferPointer<UnsafeMutableBufferPointer<Int>>
    let places: UnsafeMutableBufferPointer<ModelTree.Frame>
    /// No frame is farther from the first joint of its path.
    let reaches: UnsafeMutablePointer<Double>
    let checker: CollisionChecker?
    let sequence: StartSequence
    // the model's limits, and those of the current run
    let modelLower: UnsafeMutablePointer<Double>
    let modelUpper: UnsafeMutablePointer<Double>
    let lower: UnsafeMutablePointer<Double>
    let upper: UnsafeMutablePointer<Double>
    let preferred: UnsafeMutablePointer<Double>
    /// rad/s or m/s.
    let speeds: UnsafeMutablePointer<Double>
    let isTurning: UnsafeMutablePointer<Bool>
    let q: UnsafeMutablePointer<Double>
    let trial: UnsafeMutablePointer<Double>
    /// The first starting point of the run.
    let first: UnsafeMutablePointer<Double>
    /// The best result of the run.
    let best: UnsafeMutablePointer<Double>
    let kept: UnsafeMutablePointer<Double>
    /// `[6 · frames]`
    let error: UnsafeMutablePointer<Double>
    /// `[n, 6 · frames]`, a joint's column in one piece.
    let jacobian: UnsafeMutablePointer<Double>
    let hessian: UnsafeMutablePointer<Double>
    let factor: UnsafeMutablePointer<Double>
    let gradient: UnsafeMutablePointer<Double>
    let step: UnsafeMutablePointer<Double>
    let held: UnsafeMutablePointer<Double>
    let rows: Int

    let aims: UnsafeMutableBufferPointer<Aim>
    var respectsLimits = true
    var avoidsCollision = true
    var ignoresRotation = false
    // of the last evaluation
    var positionError = Double.infinity
    var rotationError = Double.infinity
    var collisionDeficit = 0.0

    init(_ solver: InverseKinematics, frames: [RobotModel.Frame]) {
        self.solver = solver
        self.frames = frames
        let model = solver.model
        n = model.coordinateCount
        let jointCount = model.tree.joints.count
        joints = .allocate(capacity: max(jointCount, 1))
        joints.initialize(from: model.tree.joints, count: jointCount)
        poses = .allocate(capacity: max(jointCount, 1))
        poses.initialize(repeating: .identity, count: max(jointCount, 1))
        checker = solver.collision.map { CollisionChecker($0) }
        sequence = StartSequence(dimension: n, seed: solver.options.seed)
        func copy<Element>(_ values: some Collection<Element>) -> UnsafeMutableBufferPointer<Element> {
            let memory = UnsafeMutableBufferPointer<Element>.allocate(capacity: values.count)
            _ = memory.initialize(from: values)
            return memory
        }
        let lists = frames.map { model.joints(moving: $0) }
        paths = copy(lists.map { copy($0) })
        order = copy(checker == nil ? Set(lists.flatMap { $0 }).sorted() : Array(0..<jointCount))
        places = copy(frames.map { model.tree.frames[$0.index] })
        rows = 6 * frames.count
        func numbers(_ count: Int) -> UnsafeMutablePointer<Double> {
            let memory = UnsafeMutablePointer<Double>.allocate(capacity: max(count, 1))
            memory.initialize(repeating: 0, count: max(count, 1))
            return memory
        }
        (modelLower, modelUpper, lower, upper) = (numbers(n), numbers(n), numbers(n), numbers(n))
        (preferred, speeds, reaches) = (numbers(n), numbers(n), numbers(frames.count))
        (q, trial, first, best, kept) = (numbers(n), numbers(n), numbers(n), numbers(n), numbers(n))
        (error, jacobian) = (numbers(rows), numbers(rows * n))
        (hessian, factor, gradient) = (numbers(n * n), numbers(n * n), numbers(n))
        (step, held) = (numbers(n), numbers(n))
        isTurning = .allocate(capacity: max(n, 1))
        for (i, coordinate) in model.coordinates.enumerated() {
            (modelLower[i], modelUpper[i]) = (coordinate.lower, coordinate.upper)
            (preferred[i], speeds[i]) = (coordinate.preferred, coordinate.velocity)
            (isTurning + i).initialize(to: !coordinate.isPrismatic)
        }
        let aim = Aim(
            rotation: .identity, translation: .zero, positionWeights: .zero, rotationWeights: .zero, isUniform: true)
        aims = copy(frames.map { _ in aim })
        for t in frames.indices { reaches[t] = reach(lists[t], places[t]) }
    }

    deinit {
        for memory in [
            modelLower, modelUpper, lower, upper, preferred, speeds, reaches, q, trial, first, best, kept, error,
            jacobian, hessian, factor, gradient, step, held,
        ] {
            memory.deallocate()
        }
        for path in paths { path.deallocate() }
        paths.deallocate()
        order.deallocate()
        places.deallocate()
        aims.deallocate()
        isTurning.deallocate()
        joints.deallocate()
        poses.deallocate()
    }

    /// How far from the first joint a path can bring a frame: all its pieces in one line.
    private func reach(_ path: [Int], _ place: ModelTree.Frame) -> Double {
        var length = place.placement.translation.length
        for i in path.dropFirst() { length += joints[i].placement.translation.length }
        for i in path where joints[i].isPrismatic {
            let c = joints[i].coordinate
            length += max(
                abs(joints[i].multiplier * modelLower[c] + joints[i].offset),
                abs(joints[i].multiplier * modelUpper[c] + joints[i].offset))
        }
        return length
    }
}
