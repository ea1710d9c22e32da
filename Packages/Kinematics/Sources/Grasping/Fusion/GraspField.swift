import Foundation
public import Kinematics

/// Grasps around a target, fused over the frames of a moving camera.
///
/// The field is a cube of cells around the target, in the axes of the world. A grasp that falls into the cell of another
/// of about the same direction is merged into it, so that what is seen again and again gains score; groups too small to
/// be trusted are masked. Source: Zhang et al. 2023, "GAMMA", arXiv:2309.15459.
public struct GraspField: Sendable {
    /// How grasps are fused.
    public struct Parameters: Equatable, Sendable {
        /// Cells along each side of the cube.
        public var cellCount = 64
        /// Metres.
        public var cellSize = 0.03
        /// Grasps of a cell that differ by at most this are one; radians.
        public var angle = Double.pi / 4
        /// Grasps of neighbouring cells that differ by less than this belong to one group; radians.
        public var clusterAngle = 1.5 * Double.pi / 4
        /// Groups of fewer grasps are not valid.
        public var minimumClusterCount = 3
        /// Whether a gripper turned by π about its approach is the same grasp.
        public var isSymmetric = true
        /// Whether a frame adds to a grasp at most once.
        public var addsOncePerFrame = true
        /// Points nearer to the target than this are given to a detector; metres.
        public var regionRadius = 0.10
        /// A grasp is contradicted where the depth image sees this much behind it; 0 switches it off. Metres.
        public var seeThroughDistance = 0.02
        /// What the score of a contradicted grasp is multiplied by.
        public var decay = 0.5
        /// Contradicted grasps with a smaller score are removed.
        public var scoreFloor = 0.05

        public init() {}

        /// As in the paper alone: no symmetry, every grasp of a frame counts, nothing is contradicted.
        public static let paper: Parameters = {
            var parameters = Parameters()
            (parameters.isSymmetric, parameters.addsOncePerFrame) = (false, false)
            parameters.seeThroughDistance = 0
            return parameters
        }()
    }

    /// A grasp of the field, in the world.
    public struct FusedGrasp: Equatable, Sendable {
        /// In the order of creation.
        public let id: Int
        public var rotation: Matrix3
        public var translation: Vector3
        public var width: Double
        public var depth: Double
        /// Sum of the scores merged into it.
        public var score: Double
        /// How many were merged.
        public var count: Int
        /// The frames it was seen in, counted from 0.
        public var frames: Set<Int>
        /// The largest score merged into it.
        public var bestScore: Double
        public let cell: SIMD3<Int>

        /// Mean score, times 1 - 2^-frames: half for a single sight.
        public var rank: Double { score / Double(count) * (1 - pow(2, -Double(frames.count))) }

        /// As a grasp with its rank for a score.
        public var grasp: Grasp {
            Grasp(score: rank, width: width, depth: depth, rotation: rotation, translation: translation)
        }
    }

    /// What became of the grasps of all frames.
    public struct Counts: Equatable, Sendable {
        public var added = 0
        public var merged = 0
        /// Of a frame that had added to the grasp already.
        public var duplicate = 0
        public var outside = 0
        /// Not finite, or without a positive score.
        public var rejected = 0
        /// Fused grasps that another one took up.
        public var joined = 0
        /// Fused grasps that were contradicted too often.
        public var removed = 0

        public init() {}
    }

    public let parameters: Parameters
    /// The middle of the cube, in the world.
    public let target: Vector3
    /// In the order of their ids.
    public private(set) var grasps: [FusedGrasp] = []
    public private(set) var counts = Counts()
    public private(set) var frameCount = 0
    /// Sum of the scores of valid grasps.
    public private(set) var graspability = 0.0
    /// Change of ``graspability`` by the last frame.
    public private(set) var growth = 0.0
    /// For each grasp, whether its group is large enough.
    public private(set) var validity: [Bool] = []
    private var nextID = 0

    public init(target: Vector3, parameters: Parameters = Parameters()) {
        precondition(
            parameters.cellCount > 0 && parameters.cellSize > 0,
            "GraspField: \(parameters.cellCount) cells of \(parameters.cellSize) m")
        (self.target, self.parameters) = (target, parameters)
    }

    /// The cell of a point; nil outside of the cube.
    public func cell(of point: Vector3) -> SIMD3<Int>? {
        let k = ((point - target) / parameters.cellSize + Double(parameters.cellCount) / 2).rounded(.down)
        let last = Double(parameters.cellCount)
        guard k.x >= 0, k.y >= 0, k.z >= 0, k.x < last, k.y < last, k.z < last else { return nil }
        return SIMD3(Int(k.x), Int(k.y), Int(k.z))
    }

    /// The points near the target, which a detector is given.
    public func region(of cloud: PointCloud) -> PointCloud {
        cloud.filtered { ($0 - target).length <= parameters.regionRadius }
    }

    // MARK: Inserting

    /// A frame's depth image, for contradictions.
    public struct View: Sendable {
        public var depth: DepthImage
        public var camera: PinholeCamera

        public init(depth: DepthImage, camera: PinholeCamera) { (self.depth, self.camera) = (depth, camera) }
    }

    /// Fuses the grasps of a frame.
    ///
    /// - Parameters:
    ///   - frame: In the camera's axes.
    ///   - view: What the camera saw; grasps that it sees through lose score.
    public mutating func insert(_ frame: GraspGroup, worldFromCamera: MatrixPose, view: View? = nil) {
        let number = frameCount
        frameCount += 1
        let usable = frame.filter { grasp in
            let sizes = [grasp.score, grasp.width, grasp.depth]
            let place = [grasp.translation.x, grasp.translation.y, grasp.translation.z]
            let isUsable =
                grasp.score > 0 && (sizes + place + grasp.rotation.rowMajor).allSatisfy(\.isFinite)
            if !isUsable { counts.rejected += 1 }
            return isUsable
        }
        let order = usable.indices.sorted { (usable[$1].score, $0) < (usable[$0].score, $1) }
        for index in order {
            insert(
                usable[index].transformed(
                    rotation: worldFromCamera.rotation, translation: worldFromCamera.translation), frame: number)
        }
        if let view { contradict(view, cameraFromWorld: worldFromCamera.inverse, frame: number) }

        validity = findValidity()
        let before = graspability
        graspability = zip(grasps, validity).reduce(0) { $0 + ($1.1 ? $1.0.score : 0) }
        growth = graspability - before
    }

    private mutating func insert(_ grasp: Grasp, frame: Int) {
        guard let cell = cell(of: grasp.translation) else {
            counts.outside += 1
            return
        }
        guard let place = nearest(in: cell, to: grasp.rotation), place.angle <= parameters.angle else {
            grasps.append(
                FusedGrasp(
                    id: nextID, rotation: grasp.rotation, translation: grasp.translation, width: grasp.width,
                    depth: grasp.depth, score: grasp.score, count: 1, frames: [frame], bestScore: grasp.score,
                    cell: cell))
            nextID += 1
            counts.added += 1
            return
        }
        if parameters.addsOncePerFrame, grasps[place.index].frames.contains(frame) {
            counts.duplicate += 1
            return
        }
        var index = place.index
        move(index, to: grasp, weight: grasp.score / (grasps[index].score + grasp.score))
        grasps[index].score += grasp.score
        grasps[index].count += 1
        grasps[index].frames.insert(frame)
        grasps[index].bestScore = max(grasps[index].bestScore, grasp.score)
        counts.merged += 1

        // it may have turned to another one of its cell; the older of the two stays
        while let other = nearest(in: cell, to: grasps[index].rotation, except: index),
            other.angle <= parameters.angle
        {
            let (kept, lost) = (min(index, other.index), max(index, other.index))
            let taken = grasps[lost]
            move(
                kept,
                to: Grasp(
                    width: taken.width, depth: taken.depth, rotation: taken.rotation, translation: taken.translation),
                weight: taken.score / (grasps[kept].score + taken.score))
            grasps[kept].score += taken.score
            grasps[kept].count += taken.count
            grasps[kept].frames.formUnion(taken.frames)
            grasps[kept].bestScore = max(grasps[kept].bestScore, taken.bestScore)
            grasps.remove(at: lost)
            counts.joined += 1
            index = kept
        }
    }

    /// The angle between two frames, with symmetry that of the nearer version of the second.
    private func angle(_ a: Matrix3, _ b: Matrix3) -> Double {
        let angle = a.angle(to: b)
        return parameters.isSymmetric ? min(angle, a.angle(to: b.turnedAboutApproach)) : angle
    }

    /// The fused grasp of a cell with the smallest angle, the oldest of equal ones.
    private func nearest(
        in cell: SIMD3<Int>, to rotation: Matrix3, except: Int? = nil
    ) -> (index: Int, angle: Double)? {
        var best: (index: Int, angle: Double)?
        for (index, other) in grasps.enumerated() where index != except && other.cell == cell {
            let angle = angle(other.rotation, rotation)
            if angle < best?.angle ?? .infinity { best = (index, angle) }
        }
        return best
    }

    /// Moves a fused grasp by a share of the way to another.
    private mutating func move(_ index: Int, to grasp: Grasp, weight w: Double) {
        var goal = grasp.rotation
        let old = grasps[index].rotation
        if parameters.isSymmetric, old.angle(to: goal.turnedAboutApproach) < old.angle(to: goal) {
            goal = goal.turnedAboutApproach
        }
        // rotations of data are orthonormal to float32; a mirrored one stays as it is
        if let from = try? Rotation(matrix: old, tolerance: 1e-4), let to = try? Rotation(matrix: goal, tolerance: 1e-4)
        {
            grasps[index].rotation = from.interpolated(to: to, fraction: w).matrix
        }
        grasps[index].translation = (1 - w) * grasps[index].translation + w * grasp.translation
        grasps[index].width = (1 - w) * grasps[index].width + w * grasp.width
        grasps[index].depth = (1 - w) * grasps[index].depth + w * grasp.depth
    }

    /// Lowers the score of grasps that were not renewed where the camera sees behind them.
    private mutating func contradict(_ view: View, cameraFromWorld: MatrixPose, frame: Int) {
        guard parameters.seeThroughDistance > 0 else { return }
        for index in grasps.indices where !grasps[index].frames.contains(frame) {
            let p = cameraFromWorld * grasps[index].translation
            guard let pixel = view.camera.project(p) else { continue }
            let (u, v) = ((pixel.x + 0.5).rounded(.down), (pixel.y + 0.5).rounded(.down))
            guard u >= 0, v >= 0, u < Double(view.depth.width), v < Double(view.depth.height) else { continue }
            let seen = view.depth[column: Int(u), row: Int(v)]
            if seen > p.z + parameters.seeThroughDistance { grasps[index].score *= parameters.decay }
        }
        let count = grasps.count
        grasps.removeAll { $0.score < parameters.scoreFloor && !$0.frames.contains(frame) }
        counts.removed += count - grasps.count
    }

    /// Which grasps belong to a group of at least the minimum count.
    private func findValidity() -> [Bool] {
        var byCell: [SIMD3<Int>: [Int]] = [:]
        for (index, grasp) in grasps.enumerated() { byCell[grasp.cell, default: []].append(index) }
        var group = [Int](repeating: -1, count: grasps.count)
        var sizes: [Int] = []
        for start in grasps.indices where group[start] < 0 {
            group[start] = sizes.count
            var members = [start]
            var next = 0
            while next < members.count {
                let here = grasps[members[next]]
                next += 1
                for dx in -1...1 {
                    for dy in -1...1 {
                        for dz in -1...1 {
                            for other in byCell[here.cell &+ SIMD3(dx, dy, dz)] ?? []
                            where group[other] < 0
                                && angle(here.rotation, grasps[other].rotation) < parameters.clusterAngle
                            {
                                group[other] = sizes.count
                                members.append(other)
                            }
                        }
                    }
                }
            }
            sizes.append(members.count)
        }
        return group.map { sizes[$0] >= parameters.minimumClusterCount }
    }

    // MARK: Queries

    /// The valid grasps by descending rank, equal ones by id.
    public var ranked: [FusedGrasp] {
        zip(grasps, validity).filter(\.1).map(\.0).sorted { ($1.rank, $0.id) < ($0.rank, $1.id) }
    }

    /// The best valid grasp; nil without one.
    public var best: FusedGrasp? { ranked.first }

    /// The valid grasps as a group, without twins across the border of two cells.
    public var group: GraspGroup { GraspGroup(ranked.map(\.grasp)).nonMaximumSuppressed() }

    /// The best valid grasp for which a check holds, such as no collision and a way for the arm.
    public func bestReachable(_ isReachable: (Grasp) throws -> Bool) rethrows -> FusedGrasp? {
        try ranked.first { try isReachable($0.grasp) }
    }

    /// How far a gripper is from the grasps: the least `exp(-S) (0.3 |p - t| + 0.2 θ)` over valid ones; nil without one.
    public func distance(to gripper: MatrixPose) -> Double? {
        var least: Double?
        for (grasp, isValid) in zip(grasps, validity) where isValid {
            let way = (gripper.translation - grasp.translation).length
            let turn = angle(gripper.rotation, grasp.rotation)
            let distance = exp(-grasp.score) * (0.3 * way + 0.2 * turn)
            least = min(least ?? distance, distance)
        }
        return least
    }
}

extension Matrix3 {
    /// The frame turned by π about its own x axis.
    var turnedAboutApproach: Matrix3 { Matrix3(columns: columns.0, -columns.1, -columns.2) }
}

/// The reward of GAMMA: growth of the graspability at first, nearness of the gripper to good grasps later.
public enum GraspabilityReward {
    /// `σ = 1 / (1 + exp(0.5 - t/t_max))`.
    public static func weight(timeShare: Double) -> Double { 1 / (1 + exp(0.5 - timeShare)) }

    /// `(1 - σ) growth + σ approach`, where `approach` is how much ``GraspField/distance(to:)`` fell.
    public static func value(growth: Double, approach: Double, timeShare: Double) -> Double {
        let sigma = weight(timeShare: timeShare)
        return (1 - sigma) * growth + sigma * approach
    }
}
