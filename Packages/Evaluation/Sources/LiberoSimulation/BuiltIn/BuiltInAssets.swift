import FileSupport
import Foundation

/// The parts of the built-in world: a Panda, a gripper, a table and things made of MuJoCo's primitives, as text.
///
/// They are laid out as LIBERO's files are and go through the same composer. No file is read.
struct BuiltInAssets: SceneAssets {
    let name = "the built-in world"
    let robotFiles = RobotFiles(
        base: "base.xml", robot: "robots/panda/robot.xml", gripper: "grippers/panda_gripper.xml")

    func sceneClass(_ problemName: String) throws(LiberoSimulationError) -> SceneClass {
        guard problemName == SceneClass.builtInTable.problemName else {
            throw .unknownName(
                problemName, kind: "problem class of the built-in world",
                known: [SceneClass.builtInTable.problemName])
        }
        return .builtInTable
    }

    func category(_ name: String) throws(LiberoSimulationError) -> ObjectCategory {
        guard let object = BuiltInObject.named(name) else {
            throw .unknownName(
                name, kind: "category of the built-in world", known: BuiltInObject.all.map(\.name).sorted())
        }
        return ObjectCategory(path: "objects/\(name).xml", rotations: object.rotations)
    }

    func document(_ path: String) throws(LiberoSimulationError) -> MJCFElement {
        guard let text = Self.text(path) else { throw .missingAsset(path: path, neededBy: name) }
        return try MJCFElement.parse(Data(text.utf8), path: path)
    }

    /// A hash of all texts: another one is another world.
    static let hash: String = {
        var hash = FNVHash()
        let things = BuiltInObject.all.map { "objects/\($0.name).xml" }
        let parts = [
            "base.xml", "robots/panda/robot.xml", "grippers/panda_gripper.xml", SceneClass.builtInTable.mount,
            SceneClass.builtInTable.arena,
        ]
        for path in parts + things { hash.add((text(path) ?? "").utf8) }
        for task in BuiltInWorld.suite.tasks { hash.add(((try? BuiltInWorld.bddl(of: task)) ?? "").utf8) }
        return String(hash.value, radix: 16)
    }()

    private static func text(_ path: String) -> String? {
        switch path {
        case "base.xml": return BuiltInRoom.base
        case "robots/panda/robot.xml": return BuiltInPanda.arm
        case "grippers/panda_gripper.xml": return BuiltInPanda.gripper
        case SceneClass.builtInTable.mount: return BuiltInPanda.pedestal
        case SceneClass.builtInTable.arena: return BuiltInRoom.arena
        default:
            let file = path.split(separator: "/").last.map { $0.dropLast(".xml".count) } ?? ""
            return BuiltInObject.named(String(file)).map(\.xml)
        }
    }
}

extension SceneClass {
    /// A table before a Panda, with LIBERO's tabletop camera.
    static let builtInTable = SceneClass(
        problemName: "builtin_table_manipulation",
        arena: "scenes/table.xml",
        workspaceBody: "table", workspaceCategory: "table", workspaceName: "main_table",
        workspaceOffset: [0, 0, 0.90], zoneOffset: [0, 0, 0.02],
        table: Table(size: [0.9, 1.1, 0.05], friction: "1 0.005 0.0001"),
        fixtureHeight: 0, shrinksRanges: false,
        robotBase: [-0.66, 0, 0.912], mount: "mounts/pedestal.xml", mountPosition: .zero,
        textureFiles: [:],
        cameras: [
            Camera(
                name: "agentview", position: [0.6586131746834771, 0, 1.6103500240372423],
                quaternion: [0.6380177736282349, 0.3048497438430786, 0.30484986305236816, 0.6380177736282349]),
            Camera(name: "frontview", position: [1, 0, 1.48], quaternion: [0.56, 0.43, 0.43, 0.56]),
        ])
}
