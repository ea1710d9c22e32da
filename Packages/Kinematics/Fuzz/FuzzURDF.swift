// Fuzzes URDF files, and the models that are built of those that can be read.
// fixtures: robots/*/*.urdf
import Foundation
import Kinematics

@_cdecl("LLVMFuzzerInitialize")
public func initialize(_: UnsafeMutableRawPointer, _: UnsafeMutableRawPointer) -> CInt {
    writeSeeds([
        (
            "arm",
            """
            <robot name="r"><link name="a"><inertial><mass value="1"/><inertia ixx="1" iyy="1" izz="1"/></inertial>
            <collision><geometry><mesh filename="package://p/m.stl" scale="1 1 1"/></geometry></collision></link>
            <link name="b"/><link name="c"/><joint name="j" type="revolute"><parent link="a"/><child link="b"/>
            <origin xyz="0 0 1" rpy="0 1 0"/><axis xyz="0 1 0"/><limit lower="-1" upper="1" effort="1" velocity="1"/></joint>
            <joint name="k" type="prismatic"><parent link="b"/><child link="c"/><limit lower="0" upper="1"/>
            <mimic joint="j" multiplier="2" offset="0.1"/><dynamics damping="1"/></joint></robot>
            """
        )
    ])
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzURDF(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Data(UnsafeBufferPointer(start: data, count: count))
    readOrThrow {
        let description = try URDFParser.parse(bytes, name: "input", limits: fuzzLimits)
        blackHole(description.findings())
        for mimic in [RobotModel.MimicRule.honoured, .independent] {
            readOrThrow {
                let model = try RobotModel(description, mimic: mimic)
                let state = model.makeState()
                for name in model.frameNames { blackHole(state.jacobian(of: try model.frame(name))) }
                blackHole(state.gravityTorques())
                if let last = model.frameNames.last { solve(model, try model.frame(last)) }
            }
        }
    }
    return 0
}

/// The same numbers on every run.
private struct Counter: RandomNumberGenerator {
    var state: UInt64 = 1

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state
    }
}

/// Inverse kinematics and a random posture of whatever arm it is.
private func solve(_ model: RobotModel, _ frame: RobotModel.Frame) {
    guard model.coordinateCount <= 12 else { return }
    var generator = Counter()
    let state = model.makeState()
    state.update(model.randomPositions(using: &generator))
    let pose = state.pose(of: frame)
    var options = InverseKinematics.Options()
    options.startLimit = 2
    blackHole(InverseKinematics(model, options: options).solve(PoseTarget(frame, pose: pose)))
    blackHole(AnalyticInverseKinematics(model, frame: frame)?.solutions(for: pose, holding: [0.1]))
}
