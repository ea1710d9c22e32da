import Foundation
import Kinematics
import LiberoTasks

/// Where something is carried.
enum Destination: Hashable, Sendable {
    /// A region or an object of the goal.
    case named(String)
    /// A free spot, in world coordinates.
    case spot(Vector3)
}

/// Where an object shall come to rest.
struct Placement: Equatable, Sendable {
    /// Of the object's root, from above; the height is that of the region's middle.
    var position: Vector3
    /// The turn about the vertical that the object needs, radians.
    var turn = 0.0
    /// Whether the surface is inclined, so that the object is lowered until it touches.
    var isInclined = false
}

/// Chooses where on or in a goal's region or object something is put down.
enum PlacementPlanner {
    /// The place of `object` for a destination of the goal; `nil` when the scene does not contain the destination.
    ///
    /// In a region the footprint keeps within the sides where it fits, objects that share a region stand side by side,
    /// and an object is turned only where it would not fit otherwise.
    static func plan(_ view: SceneView, object: String, destination: Destination) -> Placement? {
        switch destination {
        case .named(let name): plan(view, object: object, destination: name)
        case .spot(let place): Placement(position: place)
        }
    }

    private static func plan(_ view: SceneView, object: String, destination: String) -> Placement? {
        guard let region = view.geometry.regions[destination] else {
            return view.position(of: destination).map { Placement(position: $0) }
        }
        guard let root = view.position(of: object) else { return nil }
        let (center, axes) = view.world(region)
        let isWithin = view.geometry.goal.contains(.in(object, destination))
        let directions = [axes.columns.0, axes.columns.1, axes.columns.2].map { $0 / max($0.length, 1e-9) }
        if !isWithin, abs(directions[2].z) < 0.98 {
            // above the middle along the normal, as the predicate measures it
            return Placement(position: center + directions[2] * (region.halfSize.z + 0.038), isInclined: true)
        }

        // the footprint about the root, in the frame of the region; any of its axes may be the vertical one
        let vertical = directions.indices.max { abs(directions[$0].z) < abs(directions[$1].z) } ?? 2
        let level = directions.indices.filter { $0 != vertical }
        let frame = level.map { directions[$0] }
        let half = SIMD2(region.halfSize[level[0]], region.halfSize[level[1]])
        let points = ScenePoints(view, object: object, near: [root], within: 0.01).own.map { $0 - root }
        let turns = turns(view, object: object, frame: frame[0])
        var best: (excess: Double, turn: Double, footprint: Footprint)?
        for turn in turns {
            let footprint = Footprint(points, turn: turn, frame: frame)
            let excess = max(footprint.halfSize.x - half.x, footprint.halfSize.y - half.y, 0)
            if best.map({ excess < $0.excess - 0.004 }) ?? true { best = (excess, turn, footprint) }
            if !isWithin || excess == 0 { break }
        }
        guard let (_, turn, footprint) = best else { return Placement(position: center) }

        var offset = share(view, object: object, destination: destination, half: half, footprint: footprint)
        for axis in 0..<2 {
            // the middle of the footprint where there are walls, the root where only it counts
            let room = isWithin ? max(half[axis] - footprint.halfSize[axis] - 0.003, 0) : max(half[axis] - 0.012, 0)
            offset[axis] = min(max(offset[axis], -room), room)
            if isWithin {
                let limit = max(half[axis] - 0.012, 0)
                offset[axis] = min(max(offset[axis] - footprint.center[axis], -limit), limit)
            }
        }
        return Placement(position: center + frame[0] * offset.x + frame[1] * offset.y, turn: turn)
    }

    /// Turns to try: none, then those that align the object's horizontal axes with the region's, least first.
    private static func turns(_ view: SceneView, object: String, frame: Vector3) -> [Double] {
        guard let body = view.geometry.rootBodies[object] else { return [0] }
        let rotation = view.rotation(ofBody: body)
        let axis = [rotation.columns.0, rotation.columns.1, rotation.columns.2].max {
            hypot($0.x, $0.y) < hypot($1.x, $1.y)
        }
        guard let axis else { return [0] }
        let difference = atan2(frame.y, frame.x) - atan2(axis.y, axis.x)
        let aligned = (-4...4).map { difference + Double($0) * .pi / 2 }.filter { abs($0) <= 1.9 }
        return [0] + aligned.sorted { abs($0) < abs($1) }
    }

    /// The offset from the middle for objects that share a region: side by side along the axis on which they are narrow.
    private static func share(
        _ view: SceneView, object: String, destination: String, half: SIMD2<Double>, footprint: Footprint
    ) -> SIMD2<Double> {
        let sharing = view.geometry.goal.compactMap { predicate -> String? in
            switch predicate {
            case .on(let other, destination), .in(let other, destination): other
            default: nil
            }
        }
        guard sharing.count > 1, let index = sharing.firstIndex(of: object) else { return .zero }
        let axis = footprint.halfSize.x <= footprint.halfSize.y ? 0 : 1
        let spacing = 2 * footprint.halfSize[axis] + 0.012
        var offset = SIMD2<Double>.zero
        offset[axis] = (Double(index) - Double(sharing.count - 1) / 2) * spacing
        return offset
    }

    /// The rectangle an object covers, in the axes of a region.
    private struct Footprint {
        var center = SIMD2<Double>.zero
        var halfSize = SIMD2<Double>.zero

        init(_ points: [Vector3], turn: Double, frame: [Vector3]) {
            let (c, s) = (cos(turn), sin(turn))
            var low = SIMD2(repeating: Double.infinity)
            var high = -low
            for p in points {
                let turned = Vector3(c * p.x - s * p.y, s * p.x + c * p.y, p.z)
                let q = SIMD2(turned.dot(frame[0]), turned.dot(frame[1]))
                low = pointwiseMin(low, q)
                high = pointwiseMax(high, q)
            }
            guard low.x <= high.x else { return }
            center = (low + high) / 2
            halfSize = (high - low) / 2
        }
    }
}
