extension CollisionChecker {
    /// The share of a straight way in joint space, 0…1, that is free, also between the postures that are looked at: no
    /// pair of spheres and no obstacle comes nearer than `clearance` by more than `resolution`.
    ///
    /// From each posture the joints go on as far as no sphere can reach anything yet: the distance there by the most that
    /// any sphere moves; `resolution` where that is less (conservative advancement). Source: Mirtich & Canny 1995.
    ///
    /// - Parameters:
    ///   - start: The first posture, one number a coordinate.
    ///   - end: The last one.
    ///   - state: A state of this model, to move; it is left at the last posture looked at.
    ///   - clearance: In metres.
    ///   - resolution: In metres, above 0.
    public func freeShare(
        from start: [Double], to end: [Double], moving state: RobotState, clearance: Double = 0,
        resolution: Double = 1e-3
    ) -> Double {
        precondition(
            start.count == end.count && start.count == model.model.coordinateCount,
            "freeShare: \(start.count) and \(end.count) positions for \(model.model.coordinateCount)")
        precondition(resolution > 0, "freeShare: a resolution of \(resolution) m")
        let way = largestMotion(zip(start, end).map { abs($1 - $0) })
        var share = 0.0
        while true {
            state.update(zip(start, end).map { $0 + share * ($1 - $0) })
            update(state)
            // two spheres can move towards each other
            let room = min(worldDistance().distance - clearance, (selfDistance().distance - clearance) / 2)
            if room < 0 || room.isNaN { return share }
            if share >= 1 || way == 0 { return 1 }
            share = min(share + max(room, resolution) / way, 1)
        }
    }

    /// The most that any sphere moves while each coordinate moves by so much, in metres.
    func largestMotion(_ way: [Double]) -> Double {
        let joints = model.model.tree.joints
        // how far from each body's origin a sphere can be that it carries; −1 without one
        var far = [Double](repeating: -1, count: joints.count)
        for place in model.places where place.body >= 0 { far[place.body] = max(far[place.body], place.center.length) }
        for (i, joint) in joints.enumerated().reversed() where joint.parent >= 0 && far[i] >= 0 {
            var length = joint.placement.translation.length + far[i]
            if joint.isPrismatic {
                let coordinate = model.model.coordinates[joint.coordinate]
                length += max(
                    abs(joint.multiplier * coordinate.lower + joint.offset),
                    abs(joint.multiplier * coordinate.upper + joint.offset))
            }
            far[joint.parent] = max(far[joint.parent], length)
        }
        // joint after joint, outwards
        var (motion, largest) = ([Double](repeating: 0, count: joints.count), 0.0)
        for (i, joint) in joints.enumerated() where far[i] >= 0 {
            let arm = joint.isPrismatic ? 1 : far[i]
            motion[i] =
                (joint.parent >= 0 ? motion[joint.parent] : 0) + abs(joint.multiplier) * way[joint.coordinate] * arm
            largest = max(largest, motion[i])
        }
        return largest
    }
}
