/// An image cannot be made.
public enum RenderingError: Error, Equatable, CustomStringConvertible {
    /// No OpenGL context; the text says which library failed how and what to install.
    case noOpenGL(String)
    /// The value of `MUJOCO_GL` is not one of the libraries there are.
    case unknownLibrary(String)
    case unknownProfile(String, known: [String])
    case unknownCamera(String, known: [String])
    /// A width or height outside 1…`largest`.
    case imageSize(width: Int, height: Int, largest: Int)
    /// A state of another model.
    case wrongState(found: Int, expected: Int)

    public var description: String {
        switch self {
        case .noOpenGL(let reason):
            "Images need an OpenGL context without a window: \(reason)"
        case .unknownLibrary(let name):
            "MUJOCO_GL is '\(name)'; set it to 'egl' or 'osmesa', or leave it out."
        case .unknownProfile(let name, let known):
            "There is no render profile '\(name)'; there are \(known.joined(separator: ", "))."
        case .unknownCamera(let name, let known):
            "The model has no camera '\(name)'; it has \(known.joined(separator: ", "))."
        case .imageSize(let width, let height, let largest):
            "An image of \(width) × \(height) is not possible; width and height are between 1 and \(largest)."
        case .wrongState(let found, let expected):
            "The state has \(found) positions, the model \(expected); draw it with the renderer of its own task."
        }
    }
}
