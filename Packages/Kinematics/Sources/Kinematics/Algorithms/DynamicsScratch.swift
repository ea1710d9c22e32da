/// Memory for the recursions over bodies, one entry each.
final class DynamicsScratch {
    let angularVelocity: UnsafeMutablePointer<Vector3>
    let angularAcceleration: UnsafeMutablePointer<Vector3>
    let linearVelocity: UnsafeMutablePointer<Vector3>
    let linearAcceleration: UnsafeMutablePointer<Vector3>
    let force: UnsafeMutablePointer<Vector3>
    let moment: UnsafeMutablePointer<Vector3>
    let axisMoment: UnsafeMutablePointer<Vector3>
    let linearBias: UnsafeMutablePointer<Vector3>
    let angularBias: UnsafeMutablePointer<Vector3>
    let inertia: UnsafeMutablePointer<ArticulatedInertia>
    let composite: UnsafeMutablePointer<CompositeInertia>
    let pivot: UnsafeMutablePointer<Double>
    let effort: UnsafeMutablePointer<Double>

    init(bodyCount: Int) {
        let count = max(bodyCount, 1)
        func vectors() -> UnsafeMutablePointer<Vector3> {
            let memory = UnsafeMutablePointer<Vector3>.allocate(capacity: count)
            memory.initialize(repeating: .zero, count: count)
            return memory
        }
        angularVelocity = vectors()
        angularAcceleration = vectors()
        linearVelocity = vectors()
        linearAcceleration = vectors()
        force = vectors()
        moment = vectors()
        axisMoment = vectors()
        linearBias = vectors()
        angularBias = vectors()
        inertia = .allocate(capacity: count)
        inertia.initialize(repeating: .zero, count: count)
        composite = .allocate(capacity: count)
        composite.initialize(repeating: .zero, count: count)
        pivot = .allocate(capacity: count)
        pivot.initialize(repeating: 0, count: count)
        effort = .allocate(capacity: count)
        effort.initialize(repeating: 0, count: count)
    }

    deinit {
        for memory in [
            angularVelocity, angularAcceleration, linearVelocity, linearAcceleration, force, moment, axisMoment,
            linearBias, angularBias,
        ] {
            memory.deallocate()
        }
        inertia.deallocate()
        composite.deallocate()
        pivot.deallocate()
        effort.deallocate()
    }
}

/// A rigid body's spatial inertia about the base's origin, in the base's axes.
struct CompositeInertia {
    var mass: Double
    /// Mass times the center of mass.
    var moment: Vector3
    /// About the base's origin.
    var inertia: Matrix3

    static let zero = CompositeInertia(mass: 0, moment: .zero, inertia: .zero)

    @inline(__always)
    init(mass: Double, moment: Vector3, inertia: Matrix3) {
        self.mass = mass
        self.moment = moment
        self.inertia = inertia
    }

    /// Of a body at a pose.
    @inline(__always)
    init(_ body: BodyInertia, at pose: Transform) {
        let center = pose * body.center
        mass = body.mass
        moment = body.mass * center
        let turned = body.inertia.rotated(by: pose.rotation)
        inertia = turned + body.mass * BodyInertia.parallelAxis(center)
    }

    @inline(__always)
    static func += (a: inout CompositeInertia, b: CompositeInertia) {
        a.mass += b.mass
        a.moment += b.moment
        a.inertia = a.inertia + b.inertia
    }
}

/// The inertia that a joint feels of all bodies beyond it: `f = A v + B ω`, `n = Bᵀ v + C ω`; `A`, `C` symmetric.
struct ArticulatedInertia {
    var linear: Matrix3
    var coupling: Matrix3
    var angular: Matrix3

    static let zero = ArticulatedInertia(linear: .zero, coupling: .zero, angular: .zero)
}

extension Matrix3 {
    /// `R M Rᵀ`
    @inline(__always)
    func rotated(by r: Matrix3) -> Matrix3 {
        // columns of M Rᵀ are M times the rows of R
        let (c0, c1, c2) = r.columns
        let half = Matrix3(
            columns: self * Vector3(c0.x, c1.x, c2.x), self * Vector3(c0.y, c1.y, c2.y),
            self * Vector3(c0.z, c1.z, c2.z))
        return r * half
    }

    /// `Mᵀ v`
    @inline(__always)
    func transposedTimes(_ v: Vector3) -> Vector3 {
        Vector3(columns.0.dot(v), columns.1.dot(v), columns.2.dot(v))
    }

    /// `a bᵀ`
    @inline(__always)
    init(outer a: Vector3, _ b: Vector3) { self.init(columns: a * b.x, a * b.y, a * b.z) }
}
