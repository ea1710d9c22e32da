// Measures inverse kinematics on fixtures: reachable targets from starts far from them, and poses most of which are out of
// reach, where the closed form knows the truth.
//
//     swift run -c release --package-path Packages/Kinematics MeasureInverseKinematics [FOLDER] [RANDOM POSES]
//
// FOLDER holds robots/ and golden/kinematics/ (VLA_SHARED, else ../shared).

import Parallel
import Foundation
import Kinematics
import TensorCore

let shared = URL(
    fileURLWithPath: CommandLine.arguments.dropFirst().first ?? ProcessInfo.processInfo.environment["VLA_SHARED"]
        ?? "../shared")
let randomCount = CommandLine.arguments.dropFirst(2).first.flatMap { Int($0) } ?? 500

/// Forward kinematics from the description alone: it shares no code with the solver's.
struct PlainKinematics {
    let description: RobotDescription
    var positions: [String: Double]

    func pose(of link: String) -> Pose {
        guard let joint = description.joints.first(where: { $0.child == link }) else { return .identity }
        let q = position(of: joint)
        let motion =
            switch joint.kind {
            case .fixed: Pose.identity
            case .prismatic: Pose(translation: joint.axis * q)
            case .revolute, .continuous: Pose(rotation: Rotation(exponential: joint.axis * q))
            }
        return pose(of: joint.parent) * joint.origin * motion
    }

    private func position(of joint: RobotDescription.Joint) -> Double {
        if let position = positions[joint.name] { return position }
        guard let mimic = joint.mimic, let other = description.joint(mimic.joint) else { return 0 }
        return mimic.multiplier * position(of: other) + mimic.offset
    }
}

func rows(_ file: SafetensorsFile, _ name: String) throws -> [[Double]] {
    let count = try file.info(name).shape.sizes[0]
    let values = try file.tensor(name).elements(of: Double.self)
    let width = count == 0 ? 0 : values.count / count
    return (0..<count).map { Array(values[$0 * width..<($0 + 1) * width]) }
}

/// Joint positions within the limits that bring the frame to the pose, measured by the plain kinematics.
func isTrue(_ solution: InverseKinematics.Solution, _ target: PoseTarget, _ solver: InverseKinematics) -> Bool {
    let (model, options) = (solver.model, solver.options)
    var plain = PlainKinematics(
        description: model.description, positions: model.configuration?.lockedJoints ?? [:])
    for (coordinate, q) in zip(model.coordinates, solution.positions) { plain.positions[coordinate.joint] = q }
    let pose = plain.pose(of: model.baseLink).inverse * plain.pose(of: model.name(of: target.frame))
    let error = pose.difference(to: target.poses[0])
    return error.distance <= options.positionTolerance * (1 + 1e-6)
        && error.angle <= options.rotationTolerance * (1 + 1e-6)
        && model.isWithinLimits(solution.positions, margin: 1e-12)
}

func format(_ value: Double, _ digits: Int = 1) -> String { String(format: "%.\(digits)f", value) }

func measure(_ model: RobotModel, _ targets: [PoseTarget], _ starts: [[Double]]) {
    for (name, position, rotation) in [
        ("5 mm, 0.05 rad", 5e-3, 0.05), ("0.1 mm, 1 mrad", 1e-4, 1e-3), ("1e-5", 1e-5, 1e-5), ("1e-6", 1e-6, 1e-5),
    ] {
        for limit in [nil, 5e-3] {
            var solver = InverseKinematics(
                model, options: .init(positionTolerance: position, rotationTolerance: rotation))
            solver.options.timeLimit = limit
            var (reached, wrong, times) = (0, 0, [Double]())
            for (target, start) in zip(targets, starts) {
                let solution = solver.solve(target, startingAt: start)
                times.append(solution.seconds * 1e6)
                guard solution.isConverged else { continue }
                reached += 1
                if !isTrue(solution, target, solver) { wrong += 1 }
            }
            let counted = times.dropFirst(20).sorted()
            guard !counted.isEmpty else { return }
            print(
                "  \(name)\(limit == nil ? "" : " in 5 ms"): \(reached) of \(targets.count), \(wrong) false; "
                    + "median \(format(counted[counted.count / 2])), mean \(format(counted.reduce(0, +) / Double(counted.count))), "
                    + "95 % \(format(counted[counted.count * 95 / 100])) us")
        }
    }
    let solver = InverseKinematics(model)
    let threads = KernelThreads.count
    var answers: [[[Double]]] = []
    for count in [1, 2, 4] {
        KernelThreads.count = count
        answers.append(solver.solve(batch: targets, startingAt: starts).map(\.positions))
    }
    KernelThreads.count = threads
    print(
        "  1, 2 and 4 threads: \(answers[0] == answers[1] && answers[0] == answers[2] ? "the same bits" : "DIFFERENT")")
}

/// Random poses around an arm: what the search says of each, and whether the closed form agrees.
func classify(_ model: RobotModel, _ frame: RobotModel.Frame, _ targets: [PoseTarget]) {
    var generator = PhiloxGenerator(seed: 7)
    func number(_ range: ClosedRange<Double>) -> Double { Double.random(in: range, using: &generator) }
    let reach = targets.map { $0.poses[0].translation.length }.max() ?? 1
    func randomTarget() -> PoseTarget {
        let axis = Vector3(number(-1...1), number(-1...1), number(-1...1))
        return PoseTarget(
            frame,
            pose: Pose(
                rotation: Rotation(exponential: axis * (number(0...Double.pi) / axis.length)),
                translation: 1.3 * reach * Vector3(number(-1...1), number(-1...1), number(-1...1))))
    }
    let poses = (0..<randomCount).map { _ in randomTarget() }
    let solver = InverseKinematics(model)
    let solutions = solver.solve(batch: poses)
    var counts: [String: Int] = [:]
    let closed = AnalyticInverseKinematics(model, frame: frame)
    var (agreed, disagreed, beyond) = (0, 0, 0)
    for (target, solution) in zip(poses, solutions) {
        counts["\(solution.outcome)".split(separator: "(")[0].description, default: 0] += 1
        if !model.isWithinLimits(solution.positions) { beyond += 1 }
        if solution.isConverged && !isTrue(solution, target, solver) { disagreed += 1 }
        guard let closed, closed.heldCoordinate == nil else { continue }
        let isReachable = !closed.solutions(for: target.poses[0]).isEmpty
        let isReachableBeyond = !closed.solutions(for: target.poses[0], respectsLimits: false).isEmpty
        let isRight =
            switch solution.outcome {
            case .converged: isReachable
            case .limits: !isReachable && isReachableBeyond
            default: !isReachable && !isReachableBeyond
            }
        if isRight { agreed += 1 } else { disagreed += 1 }
    }
    let text = counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    print("  \(randomCount) random poses: \(text); \(beyond) beyond a limit")
    if let closed, closed.heldCoordinate == nil {
        print("    the closed form agrees on \(agreed), disagrees on \(disagreed)")
    } else {
        print("    false: \(disagreed)")
    }

    // whatever becomes of a target, the answer is within the limits
    var quick = solver
    (quick.options.startLimit, quick.options.diagnosesFailures) = (3, false)
    var outside = 0
    for _ in 0..<10 {
        let batch = quick.solve(batch: (0..<10_000).map { _ in randomTarget() })
        outside += batch.count { !model.isWithinLimits($0.positions) }
    }
    print("  100000 random poses with 3 starts each: \(outside) answers beyond a limit")
}

let folder = shared.appendingPathComponent("golden/kinematics")
let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    .filter { $0.pathExtension == "safetensors" }.sorted { $0.path < $1.path }
let robots = shared.appendingPathComponent("robots")
for url in files {
    let file = try SafetensorsFile(at: url)
    let prefix = "ik_target/"
    let names = file.names.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    guard let robot = file.metadata["robot"] else { continue }
    let urdf = try FileManager.default.contentsOfDirectory(at: robots, includingPropertiesForKeys: nil)
        .map { $0.appendingPathComponent("\(robot).urdf") }.first { FileManager.default.fileExists(atPath: $0.path) }
    guard let urdf else { continue }
    let full = try RobotModel(URDFParser.read(urdf), mimic: .independent)
    let configuration = try? RobotConfiguration.read(
        urdf.deletingPathExtension().appendingPathExtension("robot.json"))
    let model = try RobotModel(full.description, configuration: configuration)
    let columns = model.coordinates.compactMap { full.coordinate(ofJoint: $0.joint) }
    let starts = try rows(file, "ik_seed").map { row in columns.map { row[$0] } }
    for name in names {
        let frame = try model.frame(name)
        let targets = try rows(file, prefix + name).map { m in
            let rotation = try Rotation(
                matrix: Matrix3(rows: Vector3(m[0], m[1], m[2]), Vector3(m[4], m[5], m[6]), Vector3(m[8], m[9], m[10])))
            return PoseTarget(frame, pose: Pose(rotation: rotation, translation: Vector3(m[3], m[7], m[11])))
        }
        guard !targets.isEmpty else { continue }
        print("\(robot), \(name)")
        measure(model, targets, starts)
        if name == names.first { classify(model, frame, targets) }
    }
}
