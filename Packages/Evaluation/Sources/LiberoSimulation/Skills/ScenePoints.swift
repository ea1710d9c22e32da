import Foundation
import Kinematics

/// Points of a scene's collision shapes, dense enough to tell what a hand would touch.
struct ScenePoints {
    /// Of the object that is looked at.
    var own: [Vector3] = []
    /// Of everything else.
    var others: [Vector3] = []

    /// Samples everything within a horizontal distance of some places.
    ///
    /// - Parameters:
    ///   - object: Whose points are kept apart.
    ///   - ignoring: Objects that are left out.
    init(
        _ view: SceneView, object: String, near places: [Vector3], within radius: Double, ignoring: Set<String> = [],
        spacing: Double = 0.010, ownSpacing: Double = 0.004
    ) {
        for box in view.geometry.boxes {
            if let name = box.object, ignoring.contains(name) { continue }
            let (center, axes) = view.world(box)
            let reach = (axes.columns.0.length + axes.columns.1.length + axes.columns.2.length)
            let isNear = places.contains { hypot(center.x - $0.x, center.y - $0.y) < radius + reach }
            guard isNear else { continue }

            let gap = box.object == object ? ownSpacing : spacing
            func steps(_ axis: Vector3) -> Int { min(max(Int((2 * axis.length / gap).rounded(.up)), 1), 60) }
            let (nx, ny, nz) = (steps(axes.columns.0), steps(axes.columns.1), steps(axes.columns.2))
            for i in 0...nx {
                let x = axes.columns.0 * (2 * Double(i) / Double(nx) - 1)
                for j in 0...ny {
                    let y = axes.columns.1 * (2 * Double(j) / Double(ny) - 1)
                    // on the faces only
                    let isEdge = i == 0 || i == nx || j == 0 || j == ny
                    for k in isEdge ? Array(0...nz) : [0, nz] {
                        let point = center + x + y + axes.columns.2 * (2 * Double(k) / Double(nz) - 1)
                        if box.object == object {
                            own.append(point)
                        } else if places.contains(where: { hypot(point.x - $0.x, point.y - $0.y) < radius }) {
                            others.append(point)
                        }
                    }
                }
            }
        }
    }

    /// The highest of the others within `radius` of the segment from `a` to `b` as seen from above; nil for none.
    func highest(along a: Vector3, _ b: Vector3, within radius: Double) -> Double? {
        let (dx, dy) = (b.x - a.x, b.y - a.y)
        let square = dx * dx + dy * dy
        var top: Double?
        for p in others {
            let t = square > 0 ? min(max(((p.x - a.x) * dx + (p.y - a.y) * dy) / square, 0), 1) : 0
            guard hypot(p.x - a.x - t * dx, p.y - a.y - t * dy) < radius else { continue }
            top = max(top ?? p.z, p.z)
        }
        return top
    }
}
