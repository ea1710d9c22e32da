/// What a frame's Jacobian and velocity are about; rows are linear first, angular second.
public enum JacobianKind: String, CaseIterable, Sendable {
    /// The velocity of the frame's origin, in the axes of the base.
    case localWorldAligned
    /// The velocity of the frame's origin, in the frame's own axes.
    case local
    /// The velocity of the point that coincides with the base's origin, in the axes of the base.
    case spatial
}

extension RobotState {
    /// The Jacobian of a frame, `[6, coordinates]`: its twist by the joints' velocities.
    public func jacobian(of frame: RobotModel.Frame, _ kind: JacobianKind = .localWorldAligned) -> Matrix {
        var result = Matrix(rowCount: 6, columnCount: model.coordinateCount)
        jacobian(of: frame, kind, into: &result)
        return result
    }

    /// As above, into a `[6, coordinates]` matrix, without allocating.
    ///
    /// A joint that moves the frame has the column `[z × (p − o); z]` if it turns, `[z; 0]` if it slides; the column of
    /// a joint that follows another is added to the other's, times its multiplier.
    public func jacobian(
        of frame: RobotModel.Frame, _ kind: JacobianKind = .localWorldAligned, into result: inout Matrix
    ) {
        let n = model.coordinateCount
        precondition(
            result.rowCount == 6 && result.columnCount == n,
            "jacobian: a \(result.rowCount) × \(result.columnCount) matrix for 6 × \(n)")
        result.elements.withUnsafeMutableBufferPointer { buffer in
            guard let out = buffer.baseAddress else { return }
            writeJacobian(of: frame, kind, to: out)
        }
    }

    /// Writes `[6, coordinates]` numbers, row by row.
    @inline(__always)
    func writeJacobian(of frame: RobotModel.Frame, _ kind: JacobianKind, to out: UnsafeMutablePointer<Double>) {
        let n = positions.count
        let transform = transform(of: frame)
        let point = kind == .spatial ? .zero : transform.translation
        let columns = transform.rotation.columns
        out.update(repeating: 0, count: 6 * n)
        var body = model.tree.frames[frame.index].body
        while body >= 0 {
            let joint = joints + body
            let (linear, angular) = jacobianColumn(body, at: point)
            let m = joint.pointee.multiplier
            let o = out + joint.pointee.coordinate
            if kind == .local {
                o[0] += m * columns.0.dot(linear)
                o[n] += m * columns.1.dot(linear)
                o[2 * n] += m * columns.2.dot(linear)
                o[3 * n] += m * columns.0.dot(angular)
                o[4 * n] += m * columns.1.dot(angular)
                o[5 * n] += m * columns.2.dot(angular)
            } else {
                o[0] += m * linear.x
                o[n] += m * linear.y
                o[2 * n] += m * linear.z
                o[3 * n] += m * angular.x
                o[4 * n] += m * angular.y
                o[5 * n] += m * angular.z
            }
            body = joint.pointee.parent
        }
    }

    /// How joint `i` at unit speed moves the point that is at `point` of the base.
    @inline(__always)
    func jacobianColumn(_ i: Int, at point: Vector3) -> (linear: Vector3, angular: Vector3) {
        let z = axis(i)
        return joints[i].isPrismatic ? (z, .zero) : (z.cross(point - poses[i].translation), z)
    }

    /// The twist of a frame at these joint velocities.
    public func velocity(
        of frame: RobotModel.Frame, _ kind: JacobianKind = .localWorldAligned, velocities: [Double]
    ) -> Twist {
        motion(of: frame, kind, velocities: velocities, accelerations: nil).velocity
    }

    /// The classical acceleration of a frame: the second derivative of its origin's position, and the derivative of its
    /// angular velocity. In the axes of the base, or of the frame for `.local`.
    ///
    /// Without accelerations it is `J̇ q̇`. Gravity does not enter.
    public func acceleration(
        of frame: RobotModel.Frame, _ kind: JacobianKind = .localWorldAligned, velocities: [Double],
        accelerations: [Double]? = nil
    ) -> Twist {
        precondition(kind != .spatial, "acceleration: the classical acceleration is that of the frame's origin")
        return motion(of: frame, kind, velocities: velocities, accelerations: accelerations).acceleration
    }

    private func motion(
        of frame: RobotModel.Frame, _ kind: JacobianKind, velocities: [Double], accelerations: [Double]?
    ) -> (velocity: Twist, acceleration: Twist) {
        let n = model.coordinateCount
        precondition(
            velocities.count == n && (accelerations?.count ?? n) == n,
            "\(velocities.count) velocities and \(accelerations?.count ?? n) accelerations for \(n) coordinates")
        let place = model.tree.frames[frame.index]
        let transform = transform(of: frame)
        var (omega, alpha, v, a, origin) = (Vector3.zero, Vector3.zero, Vector3.zero, Vector3.zero, Vector3.zero)

        // from the base along the bodies that carry the frame
        for i in model.joints(moving: frame) {
            let joint = joints[i]
            let (z, r) = (axis(i), poses[i].translation - origin)
            let speed = joint.multiplier * velocities[joint.coordinate]
            let gain = joint.multiplier * (accelerations?[joint.coordinate] ?? 0)
            a += alpha.cross(r) + omega.cross(omega.cross(r))
            v += omega.cross(r)
            if joint.isPrismatic {
                a += gain * z + 2 * speed * omega.cross(z)
                v += speed * z
            } else {
                alpha += gain * z + speed * omega.cross(z)
                omega += speed * z
            }
            origin = poses[i].translation
        }
        if place.body >= 0 {
            let r = transform.translation - origin
            a += alpha.cross(r) + omega.cross(omega.cross(r))
            v += omega.cross(r)
        }
        let toFrame = transform.rotation.transposed
        switch kind {
        case .localWorldAligned:
            return (Twist(linear: v, angular: omega), Twist(linear: a, angular: alpha))
        case .local:
            return (
                Twist(linear: toFrame * v, angular: toFrame * omega),
                Twist(linear: toFrame * a, angular: toFrame * alpha)
            )
        case .spatial:
            return (
                Twist(linear: v + transform.translation.cross(omega), angular: omega),
                Twist(linear: a, angular: alpha)
            )
        }
    }
}
