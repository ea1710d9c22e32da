/// The simulation cannot be built or run.
public enum LiberoSimulationError: Error, Equatable, CustomStringConvertible {
    /// The program was built without the package trait `MuJoCo`.
    case builtWithoutMuJoCo
    /// The installed library is another version than the one whose numbers are reproduced.
    case wrongMuJoCoVersion(found: String, needed: String)
    /// MuJoCo refused a model.
    case modelNotCompiled(model: String, reason: String)
    /// A file of the scenes, robots or objects does not exist.
    case missingAsset(path: String, neededBy: String)
    /// An asset is not what the composer expects.
    case damagedAsset(path: String, line: Int?, reason: String)
    /// The problem names something that LIBERO does not have.
    case unknownName(String, kind: String, known: [String])
    /// The objects of a scene found no free places.
    case placementFailed(problem: String, object: String, tries: Int)
    /// The episode is longer than the simulator allows.
    case horizonReached(steps: Int)
    /// The physics have left what can be computed; the episode is over.
    case unstable(reason: String)
    /// A state that belongs to another model.
    case wrongState(reason: String)

    public var description: String {
        switch self {
        case .builtWithoutMuJoCo:
            "This program was built without MuJoCo. Build with 'swift build --traits MuJoCo'; MuJoCo 3.3.7 has to be "
                + "installed (Scripts/setup)."
        case .wrongMuJoCoVersion(let found, let needed):
            "MuJoCo \(found) is loaded; LIBERO's numbers need \(needed). Install it with Scripts/setup (from the "
                + "wheel of 'pip download mujoco==\(needed)') and check which libmujoco the program finds."
        case .modelNotCompiled(let model, let reason):
            "MuJoCo cannot compile \(model): \(reason)"
        case .missingAsset(let path, let user):
            "There is no \(path), which \(user) needs. Give the folder of a complete LIBERO checkout with robosuite 1.4's "
                + "assets beside it."
        case .damagedAsset(let path, let line, let reason):
            "\(path)\(line.map { ", line \($0)" } ?? ""): \(reason). Fetch the file again."
        case .unknownName(let name, let kind, let known):
            "There is no \(kind) '\(name)'; there are \(known.joined(separator: ", "))."
        case .placementFailed(let problem, let object, let tries):
            "\(object) of \(problem) found no free place in \(tries) tries. Widen its region or its distance to others."
        case .horizonReached(let steps):
            "The episode has had its \(steps) steps. Reset before the next."
        case .unstable(let reason):
            "The simulation is unstable: \(reason). Reset before the next step."
        case .wrongState(let reason):
            "The state does not fit the model: \(reason). It belongs to another task or version."
        }
    }
}
