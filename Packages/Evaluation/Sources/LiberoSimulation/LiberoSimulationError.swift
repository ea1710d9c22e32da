/// The simulation cannot be built or run.
public enum LiberoSimulationError: Error, Equatable, CustomStringConvertible {
    /// The program was built without the package trait `MuJoCo`.
    case builtWithoutMuJoCo
    /// The installed library is another version than the one whose numbers are reproduced.
    case wrongMuJoCoVersion(found: String, needed: String)
    /// MuJoCo refused a model.
    case modelNotCompiled(model: String, reason: String)

    public var description: String {
        switch self {
        case .builtWithoutMuJoCo:
            "This program was built without MuJoCo. Build with 'swift build --traits MuJoCo'; MuJoCo 3.3.7 has to be "
                + "installed (Scripts/setup --mujoco)."
        case .wrongMuJoCoVersion(let found, let needed):
            "MuJoCo \(found) is loaded; LIBERO's numbers need \(needed). Install it with 'pip download mujoco==\(needed)' "
                + "or Scripts/setup --mujoco and check which libmujoco the program finds."
        case .modelNotCompiled(let model, let reason):
            "MuJoCo cannot compile \(model): \(reason)"
        }
    }
}
