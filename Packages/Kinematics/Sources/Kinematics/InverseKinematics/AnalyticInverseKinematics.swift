import Foundation

/// All postures of an arm for a pose, in closed form: for six revolute joints whose axes meet or are parallel in one of
/// the usual ways, and for seven of which one is held.
///
/// Known are a wrist whose three axes meet in a point, behind two parallel axes (Piper, most industrial arms) or two
/// that meet; three parallel axes with the last two meeting (UR); and the same read from the tool to the base. A Panda is
/// the second kind from its tool, with the last joint held. Axes may miss each other by up to 2 mm: each solution is
/// brought to the pose by a few steps of Levenberg–Marquardt. Source: Elias & Wen 2022, arXiv:2211.05737; He & Liu 2021 for the Panda.
public struct AnalyticInverseKinematics: Sendable {
    public let model: RobotModel
    public let frame: RobotModel.Frame
    /// The coordinate that is held, of an arm of seven joints.
    public let heldCoordinate: Int?
    /// The coordinates that move the frame, base first.
    public let coordinates: [Int]
    private let chain: AxisChain
    private let structure: AxisChain.Structure
    private let isReversed: Bool
    /// The place in ``coordinates`` of the held one.
    private let heldPlace: Int?

    /// Nil where no closed form is known for the joints that move the frame.
    public init?(_ model: RobotModel, frame: RobotModel.Frame) {
        let path = model.joints(moving: frame)
        let joints = path.map { model.tree.joints[$0] }
        guard 6...7 ~= joints.count, joints.allSatisfy({ !$0.isPrismatic && $0.multiplier == 1 }) else { return nil }
        guard Set(joints.map(\.coordinate)).count == joints.count else { return nil }

        // lines at zero
        let state = model.makeState()
        state.update([Double](repeating: 0, count: model.coordinateCount))
        var chain = AxisChain(axes: [], points: [], end: state.transform(of: frame))
        for (i, joint) in zip(path, joints) {
            guard joint.offset == 0 else { return nil }
            chain.axes.append(state.axis(i))
            chain.points.append(state.poses[i].translation)
        }
        self.model = model
        self.frame = frame
        coordinates = joints.map(\.coordinate)
        self.chain = chain

        let places: [Int?] = joints.count == 6 ? [nil] : [6, 0, 2, 1, 3, 4, 5]
        for place in places {
            // at an angle that makes nothing parallel by chance
            let rest = place.map { chain.holding($0, at: 0.7) } ?? chain
            for isReversed in [false, true] {
                guard let structure = (isReversed ? rest.reversed : rest).structure else { continue }
                (self.structure, self.isReversed, heldPlace) = (structure, isReversed, place)
                heldCoordinate = place.map { joints[$0].coordinate }
                return
            }
        }
        return nil
    }

    /// Every posture within the limits at which the frame has a pose, nearest to `reference` first.
    ///
    /// At a singular posture joints may turn freely together; some of their values are returned.
    ///
    /// - Parameters:
    ///   - pose: Of the frame, in the base.
    ///   - values: Of seven joints, the values at which the held one is tried; 21 over its limits when nil.
    ///   - reference: Joints are turned by whole circles to be near it, and those that do not move the frame are taken
    ///     from it; the preferred posture when nil.
    ///   - respectsLimits: Whether postures beyond the limits are left out.
    public func solutions(
        for pose: Pose, holding values: [Double]? = nil, near reference: [Double]? = nil, respectsLimits: Bool = true
    ) -> [[Double]] {
        let reference = reference ?? model.preferredPositions
        precondition(reference.count == model.coordinateCount, "solutions: a reference of \(reference.count) positions")
        let target = Transform(pose)
        let state = model.makeState()
        var found: [[Double]] = []
        for value in heldValues(values) {
            for angles in angles(for: target, value) {
                var q = reference
                for (coordinate, angle) in zip(coordinates, angles) { q[coordinate] = angle }
                guard polish(&q, state, pose) else { continue }
                for coordinate in coordinates { q[coordinate] = near(q[coordinate], coordinate, reference[coordinate]) }
                if respectsLimits && !model.isWithinLimits(q, margin: 1e-9) { continue }
                if respectsLimits { q = model.clipped(q) }
                if !found.contains(where: { zip($0, q).allSatisfy { abs($0 - $1) < 1e-5 } }) { found.append(q) }
            }
        }
        func distance(_ q: [Double]) -> Double { zip(q, reference).reduce(0) { max($0, abs($1.0 - $1.1)) } }
        return found.map { ($0, distance($0)) }.sorted { $0.1 < $1.1 }.map(\.0)
    }

    private func heldValues(_ values: [Double]?) -> [Double?] {
        guard let heldCoordinate else { return [nil] }
        if let values { return values }
        let coordinate = model.coordinates[heldCoordinate]
        let (low, high) = coordinate.isContinuous ? (-Double.pi, Double.pi) : (coordinate.lower, coordinate.upper)
        return (0..<21).map { low + (high - low) * Double($0) / 20 }
    }

    private func angles(for target: Transform, _ value: Double?) -> [[Double]] {
        guard let heldPlace, let value else { return angles(chain, target) }
        return angles(chain.holding(heldPlace, at: value), target).map { angles in
            Array(angles[..<heldPlace]) + [value] + angles[heldPlace...]
        }
    }

    private func angles(_ chain: AxisChain, _ target: Transform) -> [[Double]] {
        guard isReversed else { return chain.solutions(structure, for: target) }
        return chain.reversed.solutions(structure, for: target.inverse).map { $0.reversed().map { -$0 } }
    }

    /// Levenberg–Marquardt to the pose, the held joint left alone; false where it does not get there.
    private func polish(_ q: inout [Double], _ state: RobotState, _ pose: Pose) -> Bool {
        let moving = coordinates.filter { $0 != heldCoordinate }
        func length(_ e: Twist) -> Double { (e.linear.dot(e.linear) + e.angular.dot(e.angular)).squareRoot() }
        state.update(q)
        var (error, jacobian) = state.poseError(of: frame, to: pose)
        var damping = 1e-6
        for _ in 0..<40 {
            let (v, w, size) = (error.linear, error.angular, length(error))
            if size < 1e-13 { return true }
            guard size < 0.3 else { return false }
            var square = Matrix(rowCount: 6, columnCount: 6)
            for r in 0..<6 {
                for c in 0..<6 { for i in moving { square[r, c] += jacobian[r, i] * jacobian[c, i] } }
                square[r, r] += damping * size * size + 1e-14
            }
            let right = Matrix(rowCount: 6, columnCount: 1, elements: [v.x, v.y, v.z, w.x, w.y, w.z])
            guard let force = square.solution(of: right) else { return false }
            var trial = q
            for i in moving { for r in 0..<6 { trial[i] -= jacobian[r, i] * force[r, 0] } }
            state.update(trial)
            let next = state.poseError(of: frame, to: pose)
            if length(next.error) < size {
                (q, (error, jacobian)) = (trial, next)
                damping = max(damping * 0.01, 1e-6)
            } else {
                damping *= 1000
                if damping > 1e12 { break }
            }
        }
        return error.linear.length < 1e-9 && error.angular.length < 1e-9
    }

    /// The angle, whole circles away, that is nearest to a reference within the limits.
    private func near(_ angle: Double, _ coordinate: Int, _ reference: Double) -> Double {
        let (lower, upper) = (model.coordinates[coordinate].lower, model.coordinates[coordinate].upper)
        let circle = 2 * Double.pi
        var value = angle + ((reference - angle) / circle).rounded() * circle
        if value < lower - 1e-9, value + circle <= upper + 1e-9 { value += circle }
        if value > upper + 1e-9, value - circle >= lower - 1e-9 { value -= circle }
        return value
    }
}
