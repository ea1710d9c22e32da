import RobotInterface
import ImageProcessing
import VLAPolicy

extension RGBImage {
    /// Red and blue exchanged.
    var channelsExchanged: RGBImage {
        var pixels = pixels
        for i in stride(from: 0, to: pixels.count, by: 3) { pixels.swapAt(i, i + 2) }
        return RGBImage(width: width, height: height, pixels: pixels)
    }

    /// Made smaller and large again: what an image of another size looks like.
    func through(share: Double, using resampler: Resampler = .pillowBilinear) -> RGBImage {
        let small = ImageSize(
            width: max(1, Int((Double(width) * share).rounded())),
            height: max(1, Int((Double(height) * share).rounded())))
        return resized(to: small, using: resampler).resized(
            to: ImageSize(width: width, height: height), using: resampler)
    }

    /// The middle of a share of each side, at the whole's size.
    func zoomed(to share: Double) -> RGBImage {
        let (w, h) = (Int((Double(width) * share).rounded()), Int((Double(height) * share).rounded()))
        return centerCropped(width: w, height: h)
            .resized(to: ImageSize(width: width, height: height), using: .pillowBilinear)
    }

    /// The whole at a share of each side, its edge repeated around it: what a crop had cut off is not known.
    func shrunk(to share: Double) -> RGBImage {
        let (w, h) = (
            max(1, Int((Double(width) * share).rounded())), max(1, Int((Double(height) * share).rounded()))
        )
        let small = resized(to: ImageSize(width: w, height: h), using: .pillowBilinear)
        let (left, top) = ((width - w) / 2, (height - h) / 2)
        var result = self
        for y in 0..<height {
            for x in 0..<width {
                result[x, y] = small[min(max(x - left, 0), w - 1), min(max(y - top, 0), h - 1)]
            }
        }
        return result
    }
}

extension Alteration {
    private static let turnCure =
        "state the orientation the pixels have (DatasetOptions.orientation, CameraDescription.orientation), or turn them"

    /// Changes of pixels alone, which can be made to the images of a world as well.
    static func ofPixels(cameras: [CameraName]) -> [Alteration] {
        var all: [Alteration] = [
            .images(.turned, "all images turned by 180°", remedy: turnCure) { $0.rotated180() },
            .images(.rowsReversed, "rows of all images reversed", remedy: turnCure) { $0.flippedVertically() },
            .images(.columnsReversed, "columns of all images reversed", remedy: turnCure) {
                $0.flippedHorizontally()
            },
            .images(
                .channelsExchanged, "red and blue of all images",
                remedy: "hand images over as RGB; OpenCV reads and writes BGR"
            ) { $0.channelsExchanged },
        ]
        if cameras.count == 2 {
            var swap = Alteration(
                .camerasExchanged, "\(cameras[0]) and \(cameras[1])", remedy: "exchange the names of the two cameras")
            swap.observation = { observation, _ in
                guard let a = observation.cameras[cameras[0]], let b = observation.cameras[cameras[1]] else {
                    return nil
                }
                var observation = observation
                (observation.cameras[cameras[0]], observation.cameras[cameras[1]]) = (b, a)
                return observation
            }
            all.append(swap)
            for camera in cameras {
                for (name, change) in turns {
                    all.append(
                        .images(.oneCameraTurned, "\(name) of \(camera)", remedy: turnCure, of: camera, change))
                }
            }
        }
        for share in [0.5, 0.75, 0.875] {
            all.append(
                .images(
                    .sourceSize, "images of \(Evidence.short(share * 100)) % of the size, made larger",
                    remedy: "render and record at the size the checkpoint's pipeline names; do not resize in between"
                ) { $0.through(share: share) })
        }
        for share in [0.95, 0.9, 0.8] {
            all.append(
                .images(
                    .crop, "the middle \(Evidence.short(share * 100)) % of each side",
                    remedy: "crop in the checkpoint's pipeline alone, and as in the training"
                ) { $0.zoomed(to: share) })
            all.append(
                .images(
                    .crop, "a crop to \(Evidence.short(share * 100)) % of each side undone",
                    remedy: "crop in the checkpoint's pipeline alone, and as in the training"
                ) { $0.shrunk(to: share) })
        }
        for quality in [20, 50, 90] {
            all.append(
                .images(
                    .codec, "JPEG of quality \(quality)",
                    remedy: "store images without loss, or state the codec in the pipeline (ImageStep.jpeg)"
                ) {
                    JPEG.roundTrip($0, JPEG.Settings(quality: quality), inverseTransform: .accurate)
                })
        }
        return all
    }

    private static let turns: [(String, @Sendable (RGBImage) -> RGBImage)] = [
        ("180°", { $0.rotated180() }), ("rows", { $0.flippedVertically() }), ("columns", { $0.flippedHorizontally() }),
    ]

    /// Changes of the pipeline's own steps and scales.
    static func ofPipeline(_ pipeline: ObservationPipeline) -> [Alteration] {
        var all: [Alteration] = []
        func transform(_ change: @escaping (ImageTransform) -> ImageTransform?) -> (ObservationPipeline)
            -> ObservationPipeline?
        {
            { pipeline in
                var changed = false
                let cameras: [CameraPipeline?] = pipeline.cameras.map { camera in
                    guard let new = change(camera.transform) else { return camera }
                    changed = changed || new != camera.transform
                    return try? CameraPipeline(name: camera.name, source: camera.source, transform: new)
                }
                guard changed, !cameras.contains(where: { $0 == nil }) else { return nil }
                return try? ObservationPipeline(
                    cameras: cameras.map { $0! }, state: pipeline.state, prompt: pipeline.prompt)
            }
        }
        func add(
            _ cause: Cause, _ what: String, _ remedy: String, _ change: @escaping (ImageTransform) -> ImageTransform?
        ) {
            var alteration = Alteration(cause, what, remedy: remedy)
            alteration.pipeline = transform(change)
            all.append(alteration)
        }

        let stepCount = pipeline.cameras.map(\.transform.steps.count).max() ?? 0
        for step in 0..<stepCount {
            guard let kind = pipeline.cameras.first(where: { $0.transform.steps.count > step }) else { continue }
            let (cause, name) = causeAndName(kind.transform.steps[step])
            add(cause, "without the pipeline's step '\(name)'", "remove the step '\(name)' from pipeline.json") {
                guard $0.steps.count > step else { return nil }
                var new = $0
                new.steps.remove(at: step)
                return new
            }
        }
        let used = Set(pipeline.cameras.flatMap { $0.transform.steps.compactMap(resampler) })
        for resampler in Resampler.allCases where !used.isEmpty && used != [resampler] {
            add(.resampler, "resized by \(resampler.rawValue)", "write '\(resampler.rawValue)' into pipeline.json") {
                var new = $0
                new.steps = new.steps.map { with(resampler, $0) }
                return new
            }
        }
        let scales: [(String, ImageNormalization)] = [
            ("−1…1", .sigLIP), ("0…1", .unit), ("CLIP's constants", .clip), ("ImageNet's constants", .imageNet),
        ]
        for (name, scale) in scales {
            add(.colorScale, name, "write the mean and deviation of \(name) into pipeline.json") {
                var new = $0
                new.normalization = scale
                return new
            }
        }
        // cameras in another order, their names with them
        if pipeline.cameras.count == 2 {
            var swap = Alteration(
                .camerasExchanged, "the order of the cameras in the pipeline",
                remedy: "exchange the cameras in pipeline.json")
            swap.pipeline = {
                try? ObservationPipeline(cameras: $0.cameras.reversed(), state: $0.state, prompt: $0.prompt)
            }
            all.append(swap)
        }
        return all
    }

    private static func causeAndName(_ step: ImageStep) -> (Cause, String) {
        switch step {
        case .resize, .resizeShorterSide, .resizeWithPadding: (.sourceSize, "resize")
        case .centerCrop, .crop, .cropAndResize, .randomResizedCrop: (.crop, "crop")
        case .jpeg: (.codec, "jpeg")
        case .flipVertically: (.rowsReversed, "flipVertically")
        case .flipHorizontally: (.columnsReversed, "mirrorHorizontally")
        case .rotate180: (.turned, "rotate180")
        }
    }

    private static func resampler(_ step: ImageStep) -> Resampler? {
        switch step {
        case .resize(_, let resampler), .resizeShorterSide(_, let resampler), .resizeWithPadding(_, let resampler),
            .randomResizedCrop(_, _, let resampler):
            resampler
        default: nil
        }
    }

    private static func with(_ resampler: Resampler, _ step: ImageStep) -> ImageStep {
        switch step {
        case .resize(let size, _): .resize(to: size, using: resampler)
        case .resizeShorterSide(let side, _): .resizeShorterSide(to: side, using: resampler)
        case .resizeWithPadding(let size, _): .resizeWithPadding(to: size, using: resampler)
        case .randomResizedCrop(let part, let size, _): .randomResizedCrop(part: part, to: size, using: resampler)
        default: step
        }
    }

    /// Images or states of another moment than the actions.
    static func ofTime() -> [Alteration] {
        var all: [Alteration] = []
        for offset in [-3, -2, -1, 1, 2, 3] {
            let steps = "\(abs(offset)) frame\(abs(offset) > 1 ? "s" : "") \(offset < 0 ? "earlier" : "later")"
            var images = Alteration(
                .imageDelay, "images of \(steps)", remedy: "pair each action with the image seen before it")
            images.observation = { observation, frame in
                guard let other = try frame.neighbour(offset) else { return nil }
                var observation = observation
                observation.cameras = other.cameras
                return observation
            }
            var state = Alteration(
                .stateDelay, "the state of \(steps)", remedy: "pair each action with the state felt before it")
            state.observation = { observation, frame in
                guard let other = try frame.neighbour(offset) else { return nil }
                var observation = observation
                observation.state = other.state
                return observation
            }
            var target = Alteration(
                .labelShift, "actions of \(steps)",
                remedy: "shift the actions by \(-offset), or state the data's alignment (DatasetOptions.alignment)")
            target.target = { _, frame in frame.shifted(offset) }
            all += [images, state, target]
        }
        return all
    }
}
