/// A robot at one posture: where its frames are, and scratch memory for what is computed from it.
///
/// ``update(_:)`` computes the poses; everything else reads them. Nothing is allocated after ``RobotModel/makeState()``
/// in methods that write `into` memory of the caller. Not for two threads at once: each makes its own.
public final class RobotState {
    public let model: RobotModel
    /// The coordinates of the last update.
    public private(set) var positions: [Double]

    /// The bodies' poses in the base; scratch of the recursions beside them. Freed with the state.
    let poses: UnsafeMutablePointer<Transform>
    let scratch: DynamicsScratch
    /// Of the model's tree, for loops without reference counting.
    let joints: UnsafeMutablePointer<ModelTree.Joint>
    let inertias: UnsafeMutablePointer<BodyInertia>
    let jointCount: Int

    init(model: RobotModel) {
        self.model = model
        jointCount = model.tree.joints.count
        positions = [Double](repeating: 0, count: model.coordinateCount)
        poses = .allocate(capacity: max(jointCount, 1))
        poses.initialize(repeating: .identity, count: max(jointCount, 1))
        joints = .allocate(capacity: max(jointCount, 1))
        joints.initialize(from: model.tree.joints, count: jointCount)
        inertias = .allocate(capacity: max(jointCount, 1))
        inertias.initialize(from: model.tree.inertias, count: jointCount)
        scratch = DynamicsScratch(bodyCount: jointCount)
        update(positions)
    }

    deinit {
        poses.deallocate()
        joints.deallocate()
        inertias.deallocate()
    }

    /// Forward kinematics: moves every body to where the coordinates put it.
    public func update(_ positions: [Double]) {
        precondition(
            positions.count == model.coordinateCount,
            "update: \(positions.count) positions for \(model.coordinateCount) coordinates")
        positions.withUnsafeBufferPointer { source in
            if let source = source.baseAddress { update(source) }
        }
    }

    /// As above, from as many numbers as there are coordinates.
    @inline(__always)
    func update(_ source: UnsafePointer<Double>) {
        positions.withUnsafeMutableBufferPointer { $0.baseAddress?.update(from: source, count: $0.count) }
        forwardKinematics(source)
    }

    @inline(__always)
    private func forwardKinematics(_ q: UnsafePointer<Double>) {
        for i in 0..<jointCount { poses[i] = (joints + i).moved(by: q, among: poses) }
    }

    /// Where a frame is, in the base.
    public func pose(of frame: RobotModel.Frame) -> Pose { transform(of: frame).pose }

    /// The origin of a frame, in the base.
    public func position(of frame: RobotModel.Frame) -> Vector3 { transform(of: frame).translation }

    /// The axes of a frame as columns, in the base.
    public func rotationMatrix(of frame: RobotModel.Frame) -> Matrix3 { transform(of: frame).rotation }

    @inline(__always)
    func transform(of frame: RobotModel.Frame) -> Transform {
        let place = model.tree.frames[frame.index]
        return place.body < 0 ? place.placement : poses[place.body] * place.placement
    }

    /// The z axis of joint `i`: what it turns about or slides along.
    @inline(__always) func axis(_ i: Int) -> Vector3 { poses[i].rotation.columns.2 }

    /// The origin of the body that joint `i` hangs on.
    @inline(__always)
    func parentOrigin(_ i: Int) -> Vector3 {
        let parent = joints[i].parent
        return parent < 0 ? .zero : poses[parent].translation
    }
}

extension RobotModel {
    /// Memory for one posture at a time, at the preferred one.
    public func makeState() -> RobotState {
        let state = RobotState(model: self)
        state.update(preferredPositions)
        return state
    }
}
