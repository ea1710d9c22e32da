import Foundation

/// Where the parts of a scene come from: LIBERO's folders, or the built-in world.
protocol SceneAssets: Sendable {
    /// Who they are, for messages.
    var name: String { get }

    /// The kind of scene of a BDDL problem, such as `libero_kitchen_tabletop_manipulation`.
    func sceneClass(_ problemName: String) throws(LiberoSimulationError) -> SceneClass

    /// A category of objects or fixtures, such as `akita_black_bowl`.
    func category(_ name: String) throws(LiberoSimulationError) -> ObjectCategory

    /// A MuJoCo file by the path that a scene class, a category or ``RobotFiles`` names; files in it have absolute paths.
    func document(_ path: String) throws(LiberoSimulationError) -> MJCFElement

    /// The files every scene is made of.
    var robotFiles: RobotFiles { get }
}

/// The paths of the files that every scene is made of.
struct RobotFiles: Sendable {
    var base: String
    var robot: String
    var gripper: String
}

/// A category of objects: its model and how instances lie when they are put down.
struct ObjectCategory: Equatable, Sendable {
    enum Axis: Equatable, Sendable { case x, y, z }

    /// The path of the model.
    var path: String
    /// Angles about an axis, one range each, in the order in which they are drawn.
    var rotations: [(axis: Axis, lower: Double, upper: Double)]
    /// How its joints tell open from closed or on from off; nil for things without.
    var mechanism: Mechanism?

    static func == (a: ObjectCategory, b: ObjectCategory) -> Bool {
        a.path == b.path && a.mechanism == b.mechanism && a.rotations.count == b.rotations.count
            && zip(a.rotations, b.rotations).allSatisfy { $0 == $1 }
    }
}

/// The joint positions that mean open, closed, on and off, and the ranges from which a reset draws.
struct Mechanism: Equatable, Sendable {
    /// The last two are LIBERO-PRO's and open towards positive positions.
    enum Kind: Equatable, Sendable { case drawer, microwave, stove, shortCabinet, shortFridge }

    var kind: Kind
}

extension Mechanism {
    /// Some joint has to be there.
    func isOpen(_ position: Double) -> Bool {
        switch kind {
        case .drawer: position < -0.14
        case .microwave: position < -1.3
        case .shortCabinet: position > 0.1
        case .shortFridge: position > 2
        case .stove: false
        }
    }

    /// All joints have to be there.
    func isClosed(_ position: Double) -> Bool {
        switch kind {
        case .drawer: position > 0
        case .microwave: position > -0.005
        case .shortCabinet, .shortFridge: position < 0
        case .stove: false
        }
    }

    /// Some joint has to be there.
    func isOn(_ position: Double) -> Bool { kind == .stove && position >= 0.5 }

    /// All joints have to be there.
    func isOff(_ position: Double) -> Bool { kind == .stove && position < 0 }

    /// The range of a drawn start; nil when the category does not know the word.
    func startRange(_ word: String) -> (lower: Double, upper: Double)? {
        switch (kind, word) {
        case (.drawer, "open"): (-0.16, -0.14)
        case (.drawer, "close"): (0, 0.005)
        case (.microwave, "open"): (-2.094, -1.3)
        case (.microwave, "close"): (-0.005, 0)
        case (.shortCabinet, "open"): (0.1, 0.16)
        case (.shortFridge, "open"): (2, 2.7)
        case (.shortCabinet, "close"), (.shortFridge, "close"): (-0.005, 0)
        case (.stove, "turnon"): (0.5, 2.1)
        case (.stove, "turnoff"): (-0.005, 0)
        default: nil
        }
    }
}
