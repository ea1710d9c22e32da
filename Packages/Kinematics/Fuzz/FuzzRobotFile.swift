// Fuzzes robot files and scenes in YAML and JSON.
// fixtures: robots/*/*.yml robots/*/*.json robots/scenes/*.yml
import Foundation
import Kinematics

@_cdecl("LLVMFuzzerInitialize")
public func initialize(_: UnsafeMutableRawPointer, _: UnsafeMutableRawPointer) -> CInt {
    writeSeeds([
        (
            "json",
            #"{"joint_names": ["j"], "lock_joints": {"j": 1}, "collision_spheres": {"a": [{"center": [0, 0, 0], "radius": 1}]}}"#
        ),
        (
            "yaml",
            "robot_cfg:\n  kinematics:\n    cspace: {joint_names: [j], max_jerk: 1}\n    ee_link: a\n    extra_links: null\n"
        ),
        ("scene", "cuboid:\n  a: {dims: [1, 1, 1], pose: [0, 0, 0, 1, 0, 0, 0]}\nsphere: {b: {radius: 1}}\n"),
    ])
    return 0
}

private let arm: RobotDescription = {
    let text = """
        <robot name="r"><link name="a"/><link name="b"/><joint name="j" type="revolute"><parent link="a"/>
        <child link="b"/><limit lower="-1" upper="1"/></joint></robot>
        """
    return try! URDFParser.parse(Data(text.utf8), name: "arm")
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRobotFile(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Data(UnsafeBufferPointer(start: data, count: count))
    readOrThrow {
        let configuration = try RobotConfiguration.parse(bytes, name: "input", limits: fuzzLimits)
        let model = try RobotModel(arm, configuration: configuration)
        blackHole(try CollisionModel(model, configuration: configuration).makeChecker().selfDistance())
    }
    readOrThrow {
        let world = try CollisionWorld.parse(bytes, name: "input", limits: fuzzLimits)
        blackHole(world.signedDistance(to: Vector3(0.1, 0.2, 0.3)))
    }
    return 0
}
