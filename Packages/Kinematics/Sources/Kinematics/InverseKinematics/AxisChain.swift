import Foundation

/// Six revolute joints as lines in space at zero, and the frame behind them: what a closed form is made of.
///
///     T(q) = exp(axis₁, q₁) … exp(axis₆, q₆) · end
struct AxisChain {
    /// How the axes lie to each other; each has up to eight solutions in closed form.
    enum Structure: String {
        /// Axes 4, 5 and 6 meet in a point, 2 and 3 are parallel.
        case wristBehindParallel
        /// Axes 4, 5 and 6 meet in a point, 1 and 2 meet.
        case wristBehindMeeting
        /// Axes 2, 3 and 4 are parallel, 5 and 6 meet.
        case threeParallel
    }

    var axes: [Vector3]
    /// A point on each axis.
    var points: [Vector3]
    var end: Transform

    /// The same joints from the other end: `T⁻¹` with all angles negated and their order reversed.
    var reversed: AxisChain {
        let inverse = end.inverse
        return AxisChain(
            axes: axes.reversed().map { inverse.rotation * $0 }, points: points.reversed().map { inverse * $0 },
            end: inverse)
    }

    /// With one joint held at an angle.
    func holding(_ index: Int, at angle: Double) -> AxisChain {
        var result = self
        let (axis, point) = (axes[index], points[index])
        func turned(_ v: Vector3) -> Vector3 { RotationSubproblems.rotate(v, about: axis, by: angle) }
        func moved(_ p: Vector3) -> Vector3 { turned(p - point) + point }
        for i in (index + 1)..<max(axes.count, index + 1) {
            (result.axes[i], result.points[i]) = (turned(axes[i]), moved(points[i]))
        }
        let columns = end.rotation.columns
        result.end = Transform(
            rotation: Matrix3(columns: turned(columns.0), turned(columns.1), turned(columns.2)),
            translation: moved(end.translation))
        result.axes.remove(at: index)
        result.points.remove(at: index)
        return result
    }

    /// Metres by which axes may miss each other, and the sine of the angle between parallel ones: what a few steps of
    /// Levenberg–Marquardt make good.
    private static let tolerance = 2e-3

    /// What a closed form is known for, if any.
    var structure: Structure? {
        guard axes.count == 6 else { return nil }
        if meeting([3, 4, 5]) != nil {
            if areParallel(1, 2) { return .wristBehindParallel }
            if meeting([0, 1]) != nil { return .wristBehindMeeting }
        }
        if areParallel(1, 2), areParallel(2, 3), meeting([4, 5]) != nil { return .threeParallel }
        return nil
    }

    private func areParallel(_ i: Int, _ j: Int) -> Bool { axes[i].cross(axes[j]).length < Self.tolerance }

    /// The point nearest to all of some axes, nil where they do not meet.
    private func meeting(_ indices: [Int]) -> Vector3? {
        // Σ (I − a aᵀ) x = Σ (I − a aᵀ) p
        var (matrix, right) = (Matrix(rowCount: 3, columnCount: 3), Matrix(rowCount: 3, columnCount: 1))
        for i in indices {
            let (a, p) = (axes[i], points[i])
            let b = p - a.dot(p) * a
            for r in 0..<3 {
                right[r, 0] += b[r]
                for c in 0..<3 { matrix[r, c] += (r == c ? 1 : 0) - a[r] * a[c] }
            }
        }
        guard matrix.symmetricEigenvalues[0] > 1e-6, let x = matrix.solution(of: right) else { return nil }
        let point = Vector3(x[0, 0], x[1, 0], x[2, 0])
        for i in indices where axes[i].cross(point - points[i]).length > Self.tolerance { return nil }
        return point
    }

    /// The angles at which the frame is at a pose, as far as the axes lie as the structure says.
    func solutions(_ structure: Structure, for target: Transform) -> [[Double]] {
        // R = R₁…R₆, and the way from the first axis to the last point, turned by what is before
        let turn = target.rotation * end.rotation.transposed
        switch structure {
        case .wristBehindParallel, .wristBehindMeeting:
            guard let wrist = meeting([3, 4, 5]) else { return [] }
            let center = turn * (wrist - end.translation) + target.translation
            let shoulders =
                structure == .wristBehindParallel ? parallelArm(to: center, wrist) : meetingArm(to: center, wrist)
            return shoulders.flatMap { arm in wristAngles(turn, behind: arm).map { arm + $0 } }
        case .threeParallel: return parallelTriple(turn, target)
        }
    }

    /// Angles of the first three joints, 2 and 3 parallel, that bring the wrist to a point.
    private func parallelArm(to center: Vector3, _ wrist: Vector3) -> [[Double]] {
        let (h1, h2, h3) = (axes[0], axes[1], axes[2])
        let p = center - points[0]
        let (p12, p23, p34) = (points[1] - points[0], points[2] - points[1], wrist - points[2])
        // along axis 2 nothing changes behind joint 1
        return RotationSubproblems.angles(turning: p, about: -h1, along: h2, to: h2.dot(p12 + p23 + p34)).flatMap {
            q1 in
            let v = RotationSubproblems.rotate(p, about: -h1, by: q1) - p12
            return elbow(v, p23, p34, h2, h3).map { [q1, $0.0, $0.1] }
        }
    }

    /// The angles of two joints at which `R₂ (p₂₃ + R₃ p₃₄) = v`.
    private func elbow(_ v: Vector3, _ p23: Vector3, _ p34: Vector3, _ h2: Vector3, _ h3: Vector3) -> [(Double, Double)]
    {
        RotationSubproblems.angles(turning: p34, about: h3, to: v.length, from: -p23).map { q3 in
            let arm = p23 + RotationSubproblems.rotate(p34, about: h3, by: q3)
            return (RotationSubproblems.angle(turning: arm, to: v, about: h2), q3)
        }
    }

    /// Angles of the first three joints, 1 and 2 meeting, that bring the wrist to a point.
    private func meetingArm(to center: Vector3, _ wrist: Vector3) -> [[Double]] {
        guard let shoulder = meeting([0, 1]) else { return [] }
        let p = center - shoulder
        let (p23, p34) = (points[2] - shoulder, wrist - points[2])
        return RotationSubproblems.angles(turning: p34, about: axes[2], to: p.length, from: -p23).flatMap { q3 in
            let arm = p23 + RotationSubproblems.rotate(p34, about: axes[2], by: q3)
            return RotationSubproblems.angles(turning: p, about: -axes[0], to: arm, about: axes[1]).map {
                [$0.first, $0.second, q3]
            }
        }
    }

    /// Angles of the last three joints for a rotation behind the first three.
    private func wristAngles(_ turn: Matrix3, behind arm: [Double]) -> [[Double]] {
        let (h4, h5, h6) = (axes[3], axes[4], axes[5])
        // R₄ R₅ R₆
        let rest = unturned(turn, [(axes[0], arm[0]), (axes[1], arm[1]), (axes[2], arm[2])])
        let last = rest * h6
        return RotationSubproblems.angles(turning: h6, about: h5, along: h4, to: h4.dot(last)).flatMap { q5 in
            let turned = RotationSubproblems.rotate(h6, about: h5, by: q5)
            let angle = RotationSubproblems.angle(turning: turned, to: last, about: h4)
            // the first and the last axis are almost one: only together their angles count
            let isSingular = h4.cross(turned).length < 2 * RotationSubproblems.small
            return (isSingular ? RotationSubproblems.around(angle) : [angle]).map { q4 in
                [q4, q5, lastAngle(unturned(rest, [(h4, q4), (h5, q5)]), about: h6)]
            }
        }
    }

    /// Joints 2, 3 and 4 parallel, 5 and 6 meeting.
    private func parallelTriple(_ turn: Matrix3, _ target: Transform) -> [[Double]] {
        guard let wrist = meeting([4, 5]) else { return [] }
        let (h1, h2, h5, h6) = (axes[0], axes[1], axes[4], axes[5])
        let p = turn * (wrist - end.translation) + target.translation - points[0]
        let (p12, p23) = (points[1] - points[0], points[2] - points[1])
        let (p34, p45) = (points[3] - points[2], wrist - points[3])
        let along = h2.dot(p12 + p23 + p34 + p45)
        let (s3, s4) = (h2.dot(axes[2]) < 0 ? -1.0 : 1, h2.dot(axes[3]) < 0 ? -1.0 : 1)
        return RotationSubproblems.angles(turning: p, about: -h1, along: h2, to: along).flatMap { q1 in
            let rest = unturned(turn, [(h1, q1)])
            let last = rest * h6
            return RotationSubproblems.angles(turning: h6, about: h5, along: h2, to: h2.dot(last)).flatMap { q5 in
                // q₂ ± q₃ ± q₄
                let sum = RotationSubproblems.angle(
                    turning: RotationSubproblems.rotate(h6, about: h5, by: q5), to: last, about: h2)
                let q6 = lastAngle(unturned(rest, [(h2, sum), (h5, q5)]), about: h6)
                let v =
                    RotationSubproblems.rotate(p, about: -h1, by: q1) - p12
                    - RotationSubproblems.rotate(p45, about: h2, by: sum)
                return elbow(v, p23, p34, h2, axes[2]).map { [q1, $0.0, $0.1, s4 * (sum - $0.0 - s3 * $0.1), q5, q6] }
            }
        }
    }

    /// `(R₁ R₂ …)ᵀ M`
    private func unturned(_ m: Matrix3, _ turns: [(axis: Vector3, angle: Double)]) -> Matrix3 {
        func column(_ v: Vector3) -> Vector3 {
            turns.reduce(v) { RotationSubproblems.rotate($0, about: -$1.axis, by: $1.angle) }
        }
        let columns = m.columns
        return Matrix3(columns: column(columns.0), column(columns.1), column(columns.2))
    }

    /// The angle of a rotation about an axis.
    private func lastAngle(_ rotation: Matrix3, about axis: Vector3) -> Double {
        let side = abs(axis.x) < 0.6 ? Vector3(1, 0, 0) : Vector3(0, 1, 0)
        let normal = axis.cross(side)
        return RotationSubproblems.angle(turning: normal, to: rotation * normal, about: axis)
    }
}
