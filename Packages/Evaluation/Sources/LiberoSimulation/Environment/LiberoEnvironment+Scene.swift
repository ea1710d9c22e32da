public import Evaluation
import Kinematics
import LiberoTasks

extension LiberoEnvironment: SceneObserving {
    /// Distances to the boxes around the collision shapes; none before the first reset.
    public var objectDistances: [ObjectDistance] {
        #if MuJoCo
            simulator?.view.objectDistances ?? []
        #else
            []
        #endif
    }
}

extension SceneView {
    /// Of everything that can be carried, and of what the goal asks to be moved, such as a drawer's cabinet.
    var objectDistances: [ObjectDistance] {
        // the first argument is what has to move; of a region, what it is part of
        let moved = Set(geometry.goal.map { $0.arguments[0] }.map { geometry.regions[$0]?.object ?? $0 })
        var nearest: [String: Double] = [:]
        for box in geometry.boxes {
            guard let object = box.object, moved.contains(object) || geometry.movableObjects.contains(object) else {
                continue
            }
            nearest[object] = min(nearest[object] ?? .infinity, distance(from: gripPosition, to: box))
        }
        return nearest.sorted { $0.key < $1.key }.map {
            ObjectDistance(object: $0.key, isGoal: moved.contains($0.key), distance: $0.value)
        }
    }

    /// From a point in world coordinates to the nearest point of a box, metres; 0 inside.
    func distance(from point: Vector3, to box: ShapeBox) -> Double {
        let (center, axes) = world(box)
        var rest = point - center
        for axis in [axes.columns.0, axes.columns.1, axes.columns.2] {
            let length = axis.length
            guard length > 0 else { continue }
            let direction = axis / length
            // what the box covers along this axis is no way to go
            let along = (point - center).dot(direction)
            rest -= direction * min(max(along, -length), length)
        }
        // rounding leaves a little inside
        return rest.length < 1e-12 ? 0 : rest.length
    }
}
