#if MuJoCo
    import CMuJoCo
    public import Evaluation
    import Foundation
    import Kinematics
    import LiberoTasks
    import TensorCore

    extension LiberoSimulator {
        /// Changes a start: moves objects in the plane and the arm's joints, without anything touching or standing too
        /// close to what it did not touch before.
        ///
        /// Objects that stand on or in something that moves go with it; those on or in fixtures stay.
        /// - Throws: ``LiberoSimulationError/placementFailed(problem:object:tries:)`` when no such change is found.
        public func perturb(_ perturbation: StartPerturbation) throws(LiberoSimulationError) {
            var draws = PhiloxGenerator(seed: perturbation.seed, stream: 0x5354_4152)
            let start = (0..<model.positionCount).map { data.pointer.pointee.qpos[$0] }
            let before = touchingPairs()
            let groups = groups(perturbation)
            let places = perturbation.exchangesPlaces == true ? exchangeable(groups) : []
            let radii = groups.map { $0.objects.map(horizontalRadius).max() ?? 0 }

            let tries = 2000
            for _ in 0..<tries {
                var positions = start
                for (place, taken) in zip(places, places.isEmpty ? [] : places.shuffled(using: &draws)) {
                    for axis in 0..<2 { positions[place + axis] = start[taken + axis] }
                }
                for group in groups where group.range > 0 {
                    let dx = Double.random(in: -group.range...group.range, using: &draws)
                    let dy = Double.random(in: -group.range...group.range, using: &draws)
                    for object in group.objects {
                        guard let place = ids.freeJoints[object] else { continue }
                        positions[place] += dx
                        positions[place + 1] += dy
                    }
                }
                if perturbation.armNoise > 0 {
                    for place in ids.armPositions { positions[place] += perturbation.armNoise * draws.normal() }
                }
                guard keepsDistance(groups.map(\.objects), radii, from: start, to: positions) else { continue }
                for (i, value) in positions.enumerated() { data.pointer.pointee.qpos[i] = value }
                forward()
                guard touchingPairs().isSubset(of: before) else { continue }

                isSuccess = holds(problem.goal)
                updateBurners()
                sample.take(data, ids, forwardPositions: forwardPositions)
                return
            }
            for (i, value) in start.enumerated() { data.pointer.pointee.qpos[i] = value }
            forward()
            throw .placementFailed(problem: problem.language, object: "the changed start", tries: tries)
        }

        /// Where the positions are of objects that may take each other's places.
        private func exchangeable(_ groups: [Group]) -> [Int] {
            let goalPlaces = Set(
                problem.goal.flatMap { $0.arguments.dropFirst() }.map { scene.regions[$0]?.parent ?? $0 })
            return groups.compactMap { group in
                guard group.objects == [group.base], !goalPlaces.contains(group.base) else { return nil }
                return ids.freeJoints[group.base]
            }
        }

        /// Objects that move together, what they stand on or in (itself, of a single one), and how far they may move.
        private typealias Group = (base: String, objects: [String], range: Double)

        /// All movable objects.
        private func groups(_ perturbation: StartPerturbation) -> [Group] {
            // what each thing stands on or in
            var support: [String: String] = [:]
            for case .on(let object, let target) in problem.initialState {
                support[object] = scene.regions[target]?.parent ?? (self.object(target) == nil ? nil : target)
            }
            for case .in(let object, let target) in problem.initialState {
                support[object] = scene.regions[target]?.parent
            }
            func base(of name: String) -> String {
                var current = name
                for _ in 0..<8 {
                    guard let next = support[current] else { return current }
                    current = next
                }
                return current
            }
            let targets = Set(
                problem.goal.flatMap(\.arguments).map { scene.regions[$0]?.parent ?? $0 }.map(base))
            var members: [(base: String, objects: [String])] = []
            for object in movableObjects {
                let base = base(of: object)
                if let index = members.firstIndex(where: { $0.base == base }) {
                    members[index].objects.append(object)
                } else {
                    members.append((base, [object]))
                }
            }
            return members.map { base, objects in
                let isFixture = self.object(base)?.isFixture ?? false
                let range = targets.contains(base) ? perturbation.targetRange : perturbation.otherRange
                return (base, objects, isFixture ? 0 : range)
            }
        }

        /// No two groups come nearer than their radii and 2 cm, unless they were nearer before.
        private func keepsDistance(
            _ groups: [[String]], _ radii: [Double], from start: [Double], to positions: [Double]
        ) -> Bool {
            func distance(_ a: String, _ b: String, _ q: [Double]) -> Double {
                guard let i = ids.freeJoints[a], let j = ids.freeJoints[b] else { return .infinity }
                return hypot(q[i] - q[j], q[i + 1] - q[j + 1])
            }
            for a in groups.indices {
                for b in groups.indices where b > a {
                    let (first, second) = (groups[a][0], groups[b][0])
                    let needed = min(radii[a] + radii[b] + 0.02, distance(first, second, start))
                    if distance(first, second, positions) < needed { return false }
                }
            }
            return true
        }

        /// The radius about its root of an object as it stands.
        private func horizontalRadius(_ name: String) -> Double {
            let view = view
            guard let root = view.position(of: name) else { return 0 }
            var radius = 0.0
            for box in geometry.boxes where box.object == name {
                let (center, axes) = view.world(box)
                for sx in [-1.0, 1] {
                    for sy in [-1.0, 1] {
                        for sz in [-1.0, 1] {
                            let d = center + axes * Vector3(sx, sy, sz) - root
                            radius = max(radius, hypot(d.x, d.y))
                        }
                    }
                }
            }
            return radius
        }

        /// Pairs of bodies that penetrate.
        private func touchingPairs() -> Set<[Int]> {
            let (m, d) = (model.pointer.pointee, data.pointer.pointee)
            var pairs: Set<[Int]> = []
            for i in 0..<Int(d.ncon) where d.contact[i].dist < 0 {
                let geoms = d.contact[i].geom
                guard geoms.0 >= 0, geoms.1 >= 0 else { continue }
                pairs.insert([Int(m.geom_bodyid[Int(geoms.0)]), Int(m.geom_bodyid[Int(geoms.1)])].sorted())
            }
            return pairs
        }
    }
#endif
