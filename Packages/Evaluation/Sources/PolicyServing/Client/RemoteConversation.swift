import Evaluation
import Foundation
import ImageProcessing
import RobotInterface
import TensorCore

/// One connection to a policy server, in its protocol; used by one thread at a time.
protocol RemoteConversation: AnyObject, Sendable {
    var description: RemotePolicyDescription { get }
    /// Whether the server keeps nothing between two observations, so that another connection can go on.
    var isStateless: Bool { get }
    /// Seconds the server says its policy computed in this episode; `nil` if it does not say.
    var computingSeconds: Double? { get }

    func beginEpisode(_ episode: PlannedEpisode, in world: EnvironmentDescription) throws(RemotePolicyError)

    /// - Parameter draws: What a server of this package draws from; advanced by what it drew. Untouched by others.
    func actionChunk(
        for observation: Observation, drawing draws: inout PhiloxGenerator?
    ) throws -> ActionChunk

    func close()
}

extension RemoteConversation {
    /// Whether the next question can be asked on the same connection.
    func isUsable(after error: RemotePolicyError) -> Bool { error.kind == .failed && !isStateless }
}

/// What a server says of its policy, or what is taken for it.
struct RemotePolicyDescription: Sendable {
    var requirements: PolicyRequirements
    /// How the server wants images to lie.
    var orientation: ImageOrientation
    /// Width and height of the images that are sent; `nil` for as they are.
    var sentImageSize: Int?
    var name: String?
    var provenance: [String: String]
    /// Whether the server is one of this package, which needs nothing to be guessed.
    var isOwn: Bool

    /// - Parameters:
    ///   - own: The entry `vla` of a greeting; `nil` for servers of other projects.
    ///   - name: The policy's name, where the greeting has it.
    ///   - configuration: What is taken for the requirements of other servers.
    init(
        _ own: WireMap?, name: String?, _ configuration: RemotePolicyConfiguration
    ) throws(RemotePolicyError) {
        self.name = name
        guard let own else {
            let camera = CameraDescription(
                width: configuration.imageSize, height: configuration.imageSize,
                orientation: configuration.orientation, renderProfile: configuration.renderProfile)
            requirements = PolicyRequirements(
                actionSpace: .libero, cameras: [.agentView: camera, .wrist: camera], stateLayout: .libero)
            (orientation, sentImageSize) = (configuration.servingProtocol.orientation, configuration.sentImageSize)
            (provenance, isOwn) = ([:], false)
            return
        }
        guard let text = own["requirements"]?.text,
            let requirements = try? JSONDecoder().decode(PolicyRequirements.self, from: Data(text.utf8)),
            let orientation = own["image_orientation"]?.text.flatMap({ ImageOrientation(rawValue: $0) })
        else { throw RemotePolicyError(.malformed, "the greeting describes requirements that cannot be read") }
        (self.requirements, self.orientation, sentImageSize, isOwn) = (requirements, orientation, nil, true)
        provenance = [:]
        for case .text(let key) in own["provenance"]?.map?.entries.map(\.key) ?? [] {
            provenance[key] = own["provenance"]?.map?[key]?.text
        }
    }

    /// The images of the required cameras as they are sent.
    ///
    /// - Throws: ``RobotInterface/ObservationError`` when a camera is missing, and what rendering throws.
    func images(of observation: Observation) throws -> [CameraName: RGBImage] {
        var images: [CameraName: RGBImage] = [:]
        for name in requirements.cameras.keys {
            guard let frame = observation.cameras[name] else {
                throw ObservationError.missingCamera(name, found: Array(observation.cameras.keys))
            }
            var image = try frame.image().turned(from: frame.description.orientation, to: orientation)
            if let size = sentImageSize, image.size != ImageSize(width: size, height: size) {
                image = image.resizedWithPadding(
                    to: ImageSize(width: size, height: size), using: .pillowBilinear)
            }
            images[name] = image
        }
        return images
    }

    /// Position, axis-angle and fingers; `nil` where the policy takes no state.
    ///
    /// - Throws: ``RobotInterface/ObservationError`` when the world gives none.
    func state(of observation: Observation) throws -> [Double]? {
        guard requirements.stateLayout != nil else { return nil }
        guard let state = observation.state else { throw ObservationError.missingState("state") }
        return try StateLayout.libero.values(of: state)
    }
}

extension PhiloxGenerator {
    /// Where a generator stands, as messages carry it between programs of this package.
    var record: WireValue {
        ["seed": .natural(seed), "stream": .natural(stream), "position": .natural(position)]
    }

    /// Reads a record; `nil` for anything else.
    init?(record: WireValue?) {
        guard let map = record?.map, let seed = map["seed"]?.natural, let stream = map["stream"]?.natural,
            // so far that no draw can pass the end
            let position = map["position"]?.natural, position < 1 << 62,
            let data = try? JSONEncoder().encode(["seed": seed, "stream": stream, "position": position]),
            let generator = try? JSONDecoder().decode(PhiloxGenerator.self, from: data)
        else { return nil }
        self = generator
    }

    /// The entry of requests and answers that holds ``record``.
    static let recordKey = "vla/draws"
}

extension WireValue {
    /// An integer of 64 bits without sign.
    static func natural(_ value: UInt64) -> WireValue {
        Int64(exactly: value).map { .integer($0) } ?? .unsigned(value)
    }

    var natural: UInt64? {
        switch self {
        case .integer(let value): UInt64(exactly: value)
        case .unsigned(let value): value
        default: nil
        }
    }
}
