public import Foundation

#if MuJoCo
    import CMuJoCo
#endif

/// What the simulator needs and this machine has, for people to read.
public enum SimulationSupport {
    /// The loaded libmujoco and whether it is the version the physics is compared with; nil without the trait `MuJoCo`.
    public static var muJoCo: String? {
        #if MuJoCo
            do {
                try MuJoCoLibrary.check()
                return String(cString: mj_versionString())
            } catch {
                return "\(error)"
            }
        #else
            return nil
        #endif
    }

    /// The OpenGL library, renderer and version images are drawn with, or why there is none; nil without the trait
    /// `MuJoCo`. Opens the library, which stays that of the process.
    public static var openGL: String? {
        #if MuJoCo
            do { return try GLContext(library: nil).driver } catch { return "none: \(error)" }
        #else
            return nil
        #endif
    }

    /// Whether a folder of LIBERO's files is genuine, look-alike or mixed, by the hashes of its files.
    ///
    /// - Throws: `LiberoTasksError` or ``LiberoSimulationError`` when LIBERO's files or the robot's are not there.
    public static func visualAssets(at folder: URL) throws -> String {
        try LiberoAssets(at: folder).comparison().description
    }
}
