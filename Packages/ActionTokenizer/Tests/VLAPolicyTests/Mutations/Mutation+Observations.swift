import RobotInterface
import ActionTokenizer
import ImageProcessing
import TensorCore
import Testing
import VLAPolicy

/// A pipeline of the small world, and observations to be spoilt.
enum MutationWorld {
    static let recipe = SmallWorld.recipe()
    static let assembly = Result { try SmallWorld.assembly(recipe) }

    static func prepare(_ change: (inout Observation) -> Void) throws {
        let assembly = try assembly.get()
        var observation = SmallWorld.observation([0.3, 0.6], at: [0, 0.1, 0.2])
        change(&observation)
        _ = try assembly.observationPipeline.prepare(observation, using: assembly.tokenizer)
    }

    /// A frame of the main camera.
    static func frame(
        _ image: RGBImage = SmallWorld.image([0.3, 0.6]), orientation: ImageOrientation = .rotated180,
        profile: String = "test"
    ) -> CameraFrame {
        CameraFrame(image, orientation: orientation, renderProfile: profile)
    }

    /// Images of the main camera in different places.
    static let images = (0..<20).map { i in
        image(SmallWorld.image([Double(i % 5) / 4, Double(i / 5) / 3]))
    }

    /// A scene that is not symmetric: a blue floor below.
    private static func image(_ image: RGBImage) -> RGBImage {
        var image = image
        for y in 12..<16 { for x in 0..<16 { image[x, y] = [10, 20, 160] } }
        return image
    }

    static let fingerprint = ImageFingerprint(images)

    static func otherPipeline(_ change: (inout ImageTransform) -> Void) throws {
        let pipeline = try assembly.get().observationPipeline
        var cameras = pipeline.cameras
        var transform = cameras[0].transform
        change(&transform)
        cameras[0] = try CameraPipeline(name: cameras[0].name, source: cameras[0].source, transform: transform)
        let changed = try ObservationPipeline(cameras: cameras, state: pipeline.state, prompt: pipeline.prompt)
        try changed.requireSame(as: pipeline)
    }
}

extension Mutation {
    static let ofObservations: [Mutation] = [
        .refused("images rendered at another size", by: "camera description", naming: "agentview.width", "224") {
            try MutationWorld.prepare {
                $0.cameras[.agentView] = MutationWorld.frame(RGBImage(width: 224, height: 224))
            }
        },
        .refused("an image of another size than its description", by: "image check", naming: "agentview", "8 × 8") {
            try MutationWorld.prepare {
                $0.cameras[.agentView] = CameraFrame(SmallWorld.description) { RGBImage(width: 8, height: 8) }
            }
        },
        .refused("rows upside down (the simulator's own)", by: "orientation", naming: "orientation", "raw") {
            try MutationWorld.prepare { $0.cameras[.agentView] = MutationWorld.frame(orientation: .raw) }
        },
        .refused("only rows flipped where both were", by: "orientation", naming: "orientation", "upright") {
            try MutationWorld.prepare { $0.cameras[.agentView] = MutationWorld.frame(orientation: .upright) }
        },
        Mutation("pixels turned though the description is right", .detected, by: "image fingerprint") {
            let turned = MutationWorld.images.map { $0.rotated180() }
            #expect(MutationWorld.fingerprint.distance(to: turned) > 3)
            #expect(MutationWorld.fingerprint.distance(to: MutationWorld.images) < 1)
        },
        Mutation("red and blue exchanged", .detected, by: "image fingerprint") {
            let exchanged = MutationWorld.images.map { image in
                var image = image
                for i in stride(from: 0, to: image.pixels.count, by: 3) { image.pixels.swapAt(i, i + 2) }
                return image
            }
            #expect(MutationWorld.fingerprint.distance(to: exchanged) > 3)
        },
        Mutation("images of two cameras exchanged", .detected, by: "image fingerprint") {
            let others = MutationWorld.images.map { image in
                var image = image.flippedHorizontally()
                for y in 0..<8 { for x in 0..<16 { image[x, y] = [200, 190, 150] } }
                return image
            }
            #expect(MutationWorld.fingerprint.distance(to: others) > 3)
        },
        .refused("another render profile", by: "camera description", naming: "renderProfile", "fast") {
            try MutationWorld.prepare { $0.cameras[.agentView] = MutationWorld.frame(profile: "fast") }
        },
        .refused("a camera is missing", by: "required cameras", naming: "eye_in_hand") {
            try MutationWorld.prepare { $0.cameras[.wrist] = nil }
        },
        .refused("another resampler", by: "pipeline comparison", naming: "transform.steps") {
            try MutationWorld.otherPipeline { $0.steps = [.resize(to: .square(16), using: .pillowBicubic)] }
        },
        .refused("no JPEG round trip", by: "pipeline comparison", naming: "jpeg") {
            try MutationWorld.otherPipeline { $0.steps = [.jpeg(written: JPEG.Settings(), read: .fast)] }
        },
        .refused("another crop", by: "pipeline comparison", naming: "cropAndResize") {
            try MutationWorld.otherPipeline { $0.steps = [.cropAndResize(area: 0.9, to: .square(16))] }
        },
        .refused("colour constants of another tower", by: "pipeline comparison", naming: "normalization.mean") {
            try MutationWorld.otherPipeline { $0.normalization = .clip }
        },
    ]
}
