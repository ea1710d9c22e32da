extension RobotState {
    /// How far a frame is from a pose: the screw motion to it in the frame's axes, and its exact derivative.
    ///
    ///     e = log(T⁻¹ T*)        ∂e/∂q = −Jlog(T*⁻¹ T) · J_local
    ///
    /// `Jlog` is the inverse of the right Jacobian. Solvers that take `−J_local` agree near convergence only.
    ///
    /// - Returns: The error, linear part first, and `[6, coordinates]`.
    public func poseError(of frame: RobotModel.Frame, to target: Pose) -> (error: Twist, jacobian: Matrix) {
        let relative = pose(of: frame).inverse * target
        let outer = Pose.rightJacobianInverse(relative.inverse.logarithm)
        var result = jacobian(of: frame, .local)
        for c in 0..<result.columnCount {
            let column = Twist(
                linear: Vector3(result[0, c], result[1, c], result[2, c]),
                angular: Vector3(result[3, c], result[4, c], result[5, c]))
            let turned = -(outer * column)
            for r in 0..<3 {
                result[r, c] = turned.linear[r]
                result[r + 3, c] = turned.angular[r]
            }
        }
        return (relative.logarithm, result)
    }

    /// Yoshikawa's measure `√det(J Jᵀ)` of how far a frame is from a singular posture, and its gradient.
    ///
    /// Metres and radians are mixed, as in the definition. With fewer than 6 coordinates `J Jᵀ` is singular and the
    /// measure 0. Source: Yoshikawa 1985, IJRR 4(2).
    public func manipulability(of frame: RobotModel.Frame) -> (value: Double, gradient: [Double]) {
        let n = model.coordinateCount
        let j = jacobian(of: frame)
        let square = j * j.transposed
        guard let inverse = square.inverse, let root = square.cholesky else {
            return (0, [Double](repeating: 0, count: n))
        }
        var value = 1.0
        for i in 0..<6 { value *= root[i, i] }

        // ∂w/∂q = w · tr((J Jᵀ)⁻¹ ∂J/∂q Jᵀ)
        let pseudo = j.transposed * inverse
        let derivatives = jacobianDerivatives(of: frame)
        let gradient = derivatives.map { derivative -> Double in
            var trace = 0.0
            for r in 0..<6 { for c in 0..<n { trace += derivative[r, c] * pseudo[c, r] } }
            return value * trace
        }
        return (value, gradient)
    }

    /// The derivative of the `localWorldAligned` Jacobian by every coordinate: the kinematic Hessian.
    ///
    /// For joints `i` before or at `j` of the frame's path, `∂Jⱼ/∂qᵢ = [zᵢ × (zⱼ × (p − oⱼ)); zᵢ × zⱼ]`; for `i` behind
    /// `j` the linear part is the same by symmetry and the angular part is zero.
    public func jacobianDerivatives(of frame: RobotModel.Frame) -> [Matrix] {
        let n = model.coordinateCount
        var result = [Matrix](repeating: Matrix(rowCount: 6, columnCount: n), count: n)
        let path = model.joints(moving: frame)
        let point = transform(of: frame).translation
        for (place, i) in path.enumerated() {
            for j in path[place...] {
                let (first, second) = (joints[i], joints[j])
                let weight = first.multiplier * second.multiplier
                // what joint i turns is everything behind it; a sliding joint turns nothing
                guard !first.isPrismatic else { continue }
                let z = axis(i)
                let (linear, angular) = jacobianColumn(j, at: point)
                let (dv, dw) = (weight * z.cross(linear), weight * z.cross(angular))
                for r in 0..<3 {
                    result[first.coordinate][r, second.coordinate] += dv[r]
                    result[first.coordinate][r + 3, second.coordinate] += dw[r]
                    if i != j { result[second.coordinate][r, first.coordinate] += dv[r] }
                }
            }
        }
        return result
    }
}

extension RobotState {
    /// The ratio of the largest to the smallest of the 6 singular values of a frame's Jacobian (of as many as there are
    /// coordinates, if fewer): 1 where it moves alike in all directions, infinite in a singular posture. Metres and
    /// radians are mixed.
    public func conditionNumber(of frame: RobotModel.Frame) -> Double {
        let j = jacobian(of: frame)
        let square = model.coordinateCount < 6 ? j.transposed * j : j * j.transposed
        let values = square.symmetricEigenvalues
        guard let least = values.first, let largest = values.last, least > 1e-15 * largest else { return .infinity }
        return (largest / least).squareRoot()
    }

    /// How far each joint is from its nearer limit, in radians or metres: below 0 beyond it, infinite without limits.
    public var limitDistances: [Double] {
        zip(positions, model.coordinates).map { min($0 - $1.lower, $1.upper - $0) }
    }
}
