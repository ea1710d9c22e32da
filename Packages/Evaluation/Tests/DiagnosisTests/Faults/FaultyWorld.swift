import RobotInterface
import ActionTokenizer
import Evaluation
import Foundation
import ImageProcessing
import LiberoSimulation
import VLAPolicy

/// What an adapter between a simulator and a policy does wrong.
struct WorldFault {
    var image: (@Sendable (RGBImage, CameraName) -> RGBImage)?
    var state: (@Sendable (RobotState) -> RobotState)?
    var action: (@Sendable ([Double]) -> [Double])?
    var instruction: (@Sendable (String) -> String)?
    /// Images of another camera, where names are mixed up.
    var exchangesCameras = false
}

/// A world behind a faulty adapter, described as if it had none.
struct FaultyWorld<Base: Environment>: Environment {
    private var base: Base
    private let fault: WorldFault
    let description: EnvironmentDescription

    init(_ base: Base, _ fault: WorldFault) {
        (self.base, self.fault, description) = (base, fault, base.description)
    }

    var instruction: String { fault.instruction?(base.instruction) ?? base.instruction }
    var stateHash: UInt64 { base.stateHash }

    mutating func reset(to start: EpisodeStart) throws -> Observation { changed(try base.reset(to: start)) }

    mutating func step(_ action: [Double]) throws -> EnvironmentStep {
        let step = try base.step(fault.action?(action) ?? action)
        return EnvironmentStep(observation: changed(step.observation), isSuccess: step.isSuccess)
    }

    private func changed(_ observation: Observation) -> Observation {
        var result = observation
        let repaint = fault.image
        for (name, frame) in observation.cameras {
            let source =
                fault.exchangesCameras
                ? observation.cameras.first { $0.key != name }?.value ?? frame : frame
            result.cameras[name] = CameraFrame(description.cameras[name] ?? frame.description) {
                let image = try source.image()
                return repaint?(image, name) ?? image
            }
        }
        if let change = fault.state { result.state = observation.state.map(change) }
        result.instruction = instruction
        return result
    }
}

extension FaultyWorld: SceneObserving where Base: SceneObserving {
    var objectDistances: [ObjectDistance] { base.objectDistances }
}

extension FaultyWorld where Base == LiberoEnvironment {
    /// The built-in world, as a policy asks for it.
    init(builtInLike checkpoint: URL, _ fault: WorldFault) throws {
        let asked = try PolicyCheckpoint(at: checkpoint).policy().requirements.cameras.values.first
        let options = LiberoEnvironment.Options(
            imageSize: asked?.width ?? 64, renderProfile: try RenderProfile(named: asked?.renderProfile ?? "fast"))
        self.init(try LiberoEnvironment(builtIn: options), fault)
    }
}
