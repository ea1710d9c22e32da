import Foundation
import Kinematics

extension SignedDistanceGrid {
    /// Where the fingers of a grasp touch when they close; nil unless both do. The grasp is in the grid's frame.
    ///
    /// The fingers start `width` apart at the depth of the tips and move inward to the middle. Source: graspnetAPI,
    /// `ParallelJawPtGrasp3D.close_fingers`.
    public func contacts(of grasp: Grasp) -> (GraspContact, GraspContact)? {
        let axis = grasp.closingDirection
        let half = grasp.width / 2
        guard let first = contact(from: grasp.tip - half * axis, along: axis, length: half),
            let second = contact(from: grasp.tip + half * axis, along: -axis, length: half)
        else { return nil }
        return (first, second)
    }

    /// The benchmark's score of a grasp in the grid's frame: the smallest friction that holds, or -1.
    public func benchmarkScore(of grasp: Grasp) -> Double {
        contacts(of: grasp).map { ForceClosure.benchmarkScore($0.0, $0.1) } ?? -1
    }

    /// The first contact on a line, refined by a parabola through three samples.
    func contact(from start: Vector3, along direction: Vector3, length: Double) -> GraspContact? {
        guard length > 0, length.isFinite, (2 * length / cellSize) < 1e6 else { return nil }
        let count = max(3, Int(2 * (2 * length / cellSize) / 2))
        let samples = (0..<count).map { k -> Vector3 in
            let t = k == count - 1 ? length : Double(k) * (length / Double(count - 1))
            return gridCoordinates(of: start + t * direction)
        }
        let values = samples.map { distance(atGrid: $0) }
        for i in 0..<count where abs(values[i]) < surfaceThreshold {
            // the three samples around, or at an end the nearest three
            let first = i == 0 ? 0 : i < count - 1 ? i - 1 : i - 2
            let crossing = SignedDistanceGrid.zeroCrossing(
                samples[first], samples[first + 1], samples[first + 2], values[first], values[first + 1],
                values[first + 2])
            guard let crossing else { continue }
            if i < count - 1, abs(values[i + 1]) < abs(values[i]) { continue }
            guard abs(distance(atGrid: crossing)) < surfaceThreshold,
                let normal = normal(atGrid: crossing, closing: direction)
            else { return nil }
            return GraspContact(point: point(atGrid: crossing), normal: normal)
        }
        return nil
    }

    /// The zero of the parabola through three values along a line, at most one cell from the first sample.
    private static func zeroCrossing(
        _ p1: Vector3, _ p2: Vector3, _ p3: Vector3, _ y1: Double, _ y2: Double, _ y3: Double
    ) -> Vector3? {
        let step = p2 - p1
        let unit = step / step.length
        // the parameter by the first coordinate that changes, as the reference has it
        guard let a = (0..<3).first(where: { unit[$0] != 0 }) else { return nil }
        let t2 = (p2 - p1)[a] / unit[a]
        let t3 = (p3 - p1)[a] / unit[a]
        // y = q t² + l t + c through (0, y1), (t2, y2), (t3, y3)
        let (d2, d3) = ((y2 - y1) / t2, (y3 - y1) / t3)
        let q = (d3 - d2) / (t3 - t2)
        let l = d2 - q * t2
        guard q.isFinite, l.isFinite, abs(q) >= 1e-10 else { return nil }
        let discriminant = l * l - 4 * q * y1
        var t = -l / (2 * q)
        if discriminant >= 0 {
            // without cancellation; of two roots in 0…10 the smaller one
            let s = -(l + (l < 0 ? -1 : 1) * discriminant.squareRoot()) / 2
            let roots = s == 0 ? [0, 0] : [s / q, y1 / s]
            if let root = roots.filter({ $0 >= 0 && $0 <= 10 }).min() { t = root }
        }
        guard t >= -1, t <= 1 else { return nil }
        return p1 + t * unit
    }

    /// The normal of the plane through the surface points among a point and its 26 neighbours at 1.5 cells, against the
    /// closing direction.
    private func normal(atGrid g: Vector3, closing direction: Vector3) -> Vector3? {
        var near: [Vector3] = []
        for dx in -1...1 {
            for dy in -1...1 {
                for dz in -1...1 {
                    let offset = Vector3(Double(dx), Double(dy), Double(dz))
                    let p = g + (offset == .zero ? .zero : 1.5 * offset / offset.length)
                    if abs(distance(atGrid: p)) < surfaceThreshold { near.append(p) }
                }
            }
        }
        guard near.count >= 3 else { return nil }
        var normal = PointCloud.principalAxes(near).axes[0]
        if distance(atGrid: g + normal) < distance(atGrid: g - normal) { normal = -normal }
        return normal.dot(direction) > 0 ? -normal : normal
    }
}
