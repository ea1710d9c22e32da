#if MuJoCo
    import ImageProcessing
    import LiberoTasks
    import TensorCore

    /// The tasks of a suite of variants, and the assets their scenes are made of.
    struct VariantWorld: Sendable {
        let suite: VariantSuite
        let assets: LiberoAssets
        private let places: [String: Int]

        init(suite: VariantSuite, assets: LiberoAssets) {
            (self.suite, self.assets) = (suite, assets)
            places = Dictionary(suite.tasks.enumerated().map { ($1.name, $0) }) { first, _ in first }
        }

        /// - Throws: ``LiberoSimulationError/unknownName(_:kind:known:)`` for a name of another suite.
        func task(_ task: LiberoTask) throws(LiberoSimulationError) -> VariantTask {
            guard let place = places[task.name] else {
                throw .unknownName(
                    task.name, kind: "task of \(suite.name)", known: ["\(suite.tasks.count) tasks with other names"])
            }
            return suite.tasks[place]
        }
    }

    extension World {
        /// The perturbed task; nil in suites without perturbation.
        func variant(of task: LiberoTask) throws -> VariantTask? {
            guard case .variants(let world) = self else { return nil }
            return try world.task(task)
        }
    }

    /// The noise of one image, with the generator as it was before the image's draws.
    struct NoiseDraw: Sendable {
        let noise: SensorNoise
        let generator: NumPyGenerator

        func apply(to image: RGBImage) throws(SensorNoiseError) -> RGBImage {
            var draws = generator
            return try noise.apply(to: image, using: &draws)
        }

        /// Takes the draws of an image of this size from a generator, whether or not somebody looks at it.
        func skip(size: Int, using generator: inout NumPyGenerator) {
            noise.skipDraws(width: size, height: size, using: &generator)
        }
    }
#endif
