import ArgumentParser
import LiberoEvaluation
import RobotInterface

/// The options that say in which world episodes take place.
struct WorldOptions: ParsableArguments {
    @Option(help: "The suite: builtin, libero_spatial, libero_object, libero_goal, libero_10 or libero_90.")
    var suite = "builtin"

    @OptionGroup var files: LiberoOptions

    @Option(help: "Tasks by number, such as 0,2,5-7. Default: all.")
    var tasks: TaskSelection?

    @Option(help: "Width and height of the images. Default: the policy's, else 256.")
    var imageSize: Int?

    @Option(help: "Render profile: faithful, plain, light or fast. Default: the policy's.")
    var renderProfile: String?

    @Option(
        help: ArgumentHelp(
            "How the images lie: raw as the simulator draws them, rotated180 as in OpenVLA's data, or upright. "
                + "Default: as in the policy's training data, else raw."))
    var orientation: ImageOrientation?

    func validate() throws {
        if let imageSize, !(8...2048).contains(imageSize) {
            throw ValidationError("--image-size is \(imageSize); it has to lie in 8...2048.")
        }
    }

    var request: WorldRequest {
        var request = WorldRequest(suite: suite, libero: files.libero)
        (request.imageSize, request.renderProfile, request.orientation) = (imageSize, renderProfile, orientation)
        return request
    }
}

/// Where LIBERO's files lie.
struct LiberoOptions: ParsableArguments {
    @Option(
        help: "Folder of LIBERO's files and assets. Default: LIBERO_ROOT, else ../shared/libero.",
        completion: .directory)
    var libero: String?
}

extension TaskSelection: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
