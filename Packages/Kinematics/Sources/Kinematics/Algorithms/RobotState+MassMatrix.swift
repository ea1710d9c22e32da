extension RobotState {
    /// The joint-space mass matrix, `[coordinates, coordinates]`, symmetric: kg m², kg m or kg.
    public func massMatrix() -> Matrix {
        var result = Matrix(rowCount: model.coordinateCount, columnCount: model.coordinateCount)
        massMatrix(into: &result)
        return result
    }

    /// As above, into a square matrix of the right size, without allocating.
    ///
    /// The composite-rigid-body algorithm with inertias about the base's origin, so that no force is ever transformed.
    /// Source: Featherstone 2008, chapter 6.
    public func massMatrix(into result: inout Matrix) {
        let n = model.coordinateCount
        precondition(
            result.rowCount == n && result.columnCount == n,
            "massMatrix: a \(result.rowCount) × \(result.columnCount) matrix for \(n) coordinates")
        result.elements.withUnsafeMutableBufferPointer { buffer in
            guard let out = buffer.baseAddress else { return }
            compositeRigidBodies(out, n)
        }
    }

    @inline(__always)
    private func compositeRigidBodies(_ out: UnsafeMutablePointer<Double>, _ n: Int) {
        let s = scratch
        out.update(repeating: 0, count: n * n)
        for i in 0..<jointCount {
            s.composite[i] = CompositeInertia(inertias[i], at: poses[i])
            s.axisMoment[i] = poses[i].translation.cross(axis(i))
        }
        for i in stride(from: jointCount - 1, through: 0, by: -1) {
            let joint = joints + i
            let composite = s.composite + i
            let z = axis(i)

            // momentum of everything beyond the joint at unit speed: linear, and angular about the base's origin
            let (f, n0): (Vector3, Vector3)
            if joint.pointee.isPrismatic {
                f = composite.pointee.mass * z
                n0 = composite.pointee.moment.cross(z)
            } else {
                let v = s.axisMoment[i]
                f = composite.pointee.mass * v + z.cross(composite.pointee.moment)
                n0 = composite.pointee.moment.cross(v) + composite.pointee.inertia * z
            }

            // its share along the axes of the joints before
            let m = joint.pointee.multiplier
            let row = joint.pointee.coordinate
            var j = i
            while j >= 0 {
                let other = joints + j
                let zj = axis(j)
                let share = other.pointee.isPrismatic ? zj.dot(f) : zj.dot(n0) + s.axisMoment[j].dot(f)
                let value = m * other.pointee.multiplier * share
                let column = other.pointee.coordinate
                out[row * n + column] += value
                if j != i { out[column * n + row] += value }
                j = other.pointee.parent
            }
            if joint.pointee.parent >= 0 { s.composite[joint.pointee.parent] += composite.pointee }
        }
    }
}
