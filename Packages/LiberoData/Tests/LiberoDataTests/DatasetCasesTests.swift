import FileSupport
import Foundation
import LiberoData
import RobotInterface
import TensorTestSupport
import Testing

/// `cases/01…12`: data sets as users have them, each by its kind.
@Suite struct DatasetCasesTests {
    static func folders(_ kinds: String...) -> [URL] {
        SharedFixtures.folders(in: "cases") { name in kinds.contains { name.hasPrefix($0) } }
    }

    /// The HDF5 file of a case, or its folder.
    private static func set(_ folder: URL) -> URL {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.first { $0.hasSuffix(".hdf5") }.map { folder.appendingPathComponent($0) } ?? folder
    }

    private func open(_ folder: URL) throws -> LiberoDataset { try LiberoDataset(at: Self.set(folder)) }

    /// Every episode, with its images.
    private func readAll(_ dataset: LiberoDataset) throws {
        #expect(!dataset.episodes.isEmpty)
        let report = try dataset.validate()
        #expect(report.isClean, "\(report.errors)")
    }

    private func convert(_ dataset: LiberoDataset, to format: LiberoDataset.Format) throws -> (
        DatasetConversion.Verification, LiberoDataset, TemporaryFolder
    ) {
        let folder = try TemporaryFolder()
        let conversion = try DatasetConversion(dataset, to: folder.url.appendingPathComponent("out"), as: format)
        try conversion.run()
        let verification = try conversion.verify()
        #expect(verification.isEqual, "\(verification.differences)")
        return (verification, try LiberoDataset(at: conversion.target), folder)
    }

    /// The instruction follows from the frames where the episodes do not list their tasks.
    @Test(arguments: folders("01"))
    func tasksFollowFromTheFrames(folder: URL) throws {
        let dataset = try open(folder)
        try readAll(dataset)
        #expect(dataset.episodes.allSatisfy { !$0.instruction.isEmpty && $0.taskIndex >= 0 })
        let (verification, written, _) = try convert(dataset, to: .leRobot30)
        #expect(verification.isComplete)
        #expect(written.episodes.map(\.instruction) == dataset.episodes.map(\.instruction))
    }

    @Test(arguments: folders("03"))
    func byteOrderMarksAreLeftOut(folder: URL) throws { try readAll(open(folder)) }

    /// A wrong length is told with its line and the rows there are; the other episodes load.
    @Test(arguments: folders("04b"))
    func wrongLengthsNameTheLine(folder: URL) throws {
        let dataset = try open(folder)
        let lines = try String(
            contentsOf: folder.appendingPathComponent("meta/episodes.jsonl"), encoding: .utf8
        ).split(separator: "\n")
        var failed = 0
        for info in dataset.episodes {
            do {
                _ = try dataset.episode(info.index)
            } catch let error as LiberoDataError {
                failed += 1
                let text = error.description
                #expect(text.contains("meta/episodes.jsonl") && text.contains("rows"), "\(text)")
                let number = try #require(text.firstMatch(of: #/line (\d+)/#).flatMap { Int($0.1) })
                #expect(lines[number - 1].contains("\"episode_index\": \(error.episode ?? -1)"))
            }
        }
        #expect(failed > 0 && failed < dataset.episodes.count)
        #expect(dataset.warnings.contains { $0.description.contains("line") })
    }

    /// Each frame keeps its instruction: in observations, and through every form that has a place for it.
    @Test(arguments: folders("04e"))
    func tasksWithinEpisodesAreKept(folder: URL) throws {
        let dataset = try open(folder)
        try readAll(dataset)
        var changes = 0
        for index in dataset.episodes.indices {
            let episode = try dataset.episode(index)
            let tasks = try episode.column("task_index")
            for frame in 0..<episode.length {
                let own = episode.instruction(at: frame)
                #expect(try episode.observation(at: frame).instruction == own)
                #expect(episode.allInstructions.contains(own))
                if frame > 0 {
                    #expect((tasks[frame, 0] == tasks[frame - 1, 0]) == (own == episode.instruction(at: frame - 1)))
                    changes += own == episode.instruction(at: frame - 1) ? 0 : 1
                }
            }
        }
        #expect(changes > 0)
        for format in [LiberoDataset.Format.leRobot21, .leRobot30, .rlds] {
            let (_, written, _) = try convert(dataset, to: format)
            for index in dataset.episodes.indices {
                let (a, b) = (try dataset.episode(index), try written.episode(index))
                #expect((0..<a.length).map { a.instruction(at: $0) } == (0..<b.length).map { b.instruction(at: $0) })
            }
        }
        let (verification, _, _) = try convert(dataset, to: .hdf5)
        #expect(verification.leftOut.contains { $0.contains("instructions") })
    }

    /// Other robots are read, described by their own names and written back; they are not taken for LIBERO's.
    @Test(arguments: folders("05"))
    func otherRobotsAreNotLiberos(folder: URL) throws {
        let dataset = try open(folder)
        try readAll(dataset)
        let description = dataset.description
        let info = try #require(try Samples.json(folder.appendingPathComponent("meta/info.json"))["features"])
        #expect(description.actionSpace.command == .unspecified)
        #expect(description.actionSpace.gripperConvention == .unspecified)
        #expect(description.actionSpace.dimensionNames == info["action"]?["names"]?.strings)
        #expect(description.stateLayout.unspecifiedNames == info["observation.state"]?["names"]?.strings)
        #expect(description.cameras.values.allSatisfy { $0.orientation == .upright && $0.renderProfile == "camera" })
        #expect(dataset.warnings.contains { $0.text.contains("not LIBERO's") })
        let episode = try dataset.episode(0)
        #expect(try episode.state(at: 1).unspecified == Array(episode.states[1]))
        #expect(try description.stateLayout.values(of: episode.state(at: 1)) == Array(episode.states[1]))
        _ = try DatasetStatistics(of: dataset, imageStride: 1)

        for format in [LiberoDataset.Format.leRobot21, .leRobot30] {
            let (verification, written, target) = try convert(dataset, to: format)
            #expect(verification.isComplete && written.description == description)
            let again = try Samples.json(target.url.appendingPathComponent("out/meta/info.json"))
            let original = try Samples.json(folder.appendingPathComponent("meta/info.json"))
            #expect(again["robot_type"]?.string == original["robot_type"]?.string)
            #expect(again["features"]?["action"]?["names"]?.strings == info["action"]?["names"]?.strings)
        }
        #expect(throws: LiberoDataError.self) {
            try DatasetConversion(dataset, to: folder.appendingPathComponent("no"), as: .hdf5)
        }
    }

    /// An image that is not where its row says is told with row, column and path.
    @Test(arguments: folders("06"))
    func missingImagesNameTheirPath(folder: URL) throws {
        let dataset = try open(folder)
        let episode = try dataset.episode(0)
        let camera = try #require(episode.cameras.first)
        let error = #expect(throws: LiberoDataError.self) { try episode.image(of: camera, at: 1) }
        let text = try #require(error?.description)
        #expect(error?.frame == 1 && error?.column == dataset.columnName(of: camera))
        #expect(text.contains("row 1") && text.contains(".png") && text.contains(".parquet"), "\(text)")
        #expect(!text.contains("info.json"))
    }

    /// Statistics that are not finite are a warning: they are checked, not needed.
    @Test(arguments: folders("07"))
    func statisticsThatAreNotFiniteAreAWarning(folder: URL) throws {
        let dataset = try open(folder)
        try readAll(dataset)
        let warning = try #require(dataset.warnings.first { $0.file.contains("stats") })
        #expect(warning.text.contains("NaN") && warning.text.contains("action.mean"), "\(warning)")
    }

    @Test(arguments: folders("08i"))
    func halfPrecisionIsRead(folder: URL) throws {
        let dataset = try open(folder)
        try readAll(dataset)
        let actions = try dataset.episode(0).actions
        // each is a number of half precision: eleven bits
        #expect(
            actions.values.allSatisfy {
                $0 == 0 || $0 / exp2(floor(log2(abs($0)))) * 1024 == ($0 / exp2(floor(log2(abs($0)))) * 1024).rounded()
            })
        #expect(actions.values.contains { $0 != 0 })
        let (verification, _, _) = try convert(dataset, to: .leRobot21)
        #expect(verification.isComplete)
    }

    /// Features beyond actions, states and images are carried between LeRobot's forms, and listed where another form has
    /// no place for them.
    @Test(arguments: folders("08l"))
    func furtherFeaturesAreCarriedOrListed(folder: URL) throws {
        let dataset = try open(folder)
        try readAll(dataset)
        let names = try dataset.episode(0).columnNames()
        let info = try #require(try Samples.json(folder.appendingPathComponent("meta/info.json"))["features"]?.object)
        let texts = info.filter { $0.value["dtype"]?.string == "string" }.map(\.key)
        for format in [LiberoDataset.Format.leRobot21, .leRobot30] {
            let (verification, written, target) = try convert(dataset, to: format)
            #expect(verification.isComplete, "\(verification.leftOut)")
            #expect(try written.episode(0).columnNames() == names)
            let again = try Samples.json(target.url.appendingPathComponent("out/meta/info.json"))
            for name in texts { #expect(again["features"]?[name]?["dtype"]?.string == "string") }
        }
        for format in [LiberoDataset.Format.rlds, .hdf5] {
            let (verification, _, _) = try convert(dataset, to: format)
            for name in texts { #expect(verification.leftOut.contains { $0.contains(name) }) }
            #expect(format == .hdf5 || verification.leftOut.contains { $0.contains("next.reward") })
        }
    }

    /// Depths beside color images stay what they are: bytes between LeRobot's forms, left aside with a word elsewhere.
    @Test(arguments: folders("09"))
    func depthsAreNeverChanged(folder: URL) throws {
        let dataset = try open(folder)
        try readAll(dataset)
        let info = try #require(try Samples.json(folder.appendingPathComponent("meta/info.json"))["features"]?.object)
        let depth = try #require(
            info.first { $0.value["dtype"]?.string == "image" && $0.value["shape"]?.integers?.last == 1 })
        #expect(!dataset.description.cameras.keys.contains { dataset.columnName(of: $0) == depth.key })
        #expect(dataset.warnings.contains { $0.text.contains(depth.key) })
        for format in [LiberoDataset.Format.leRobot21, .leRobot30] {
            let (verification, written, target) = try convert(dataset, to: format)
            #expect(verification.isComplete && written.warnings.contains { $0.text.contains(depth.key) })
            let again = try Samples.json(target.url.appendingPathComponent("out/meta/info.json"))
            #expect(again["features"]?[depth.key]?["shape"]?.integers == depth.value["shape"]?.integers)
        }
        let (verification, _, _) = try convert(dataset, to: .rlds)
        #expect(verification.leftOut.contains { $0.contains(depth.key) })
    }

    /// A file that ends early says how many of how many bytes there are.
    @Test(arguments: folders("10"))
    func cutFilesNameTheirSizes(folder: URL) throws {
        let file = Self.set(folder)
        let size = try #require(try file.resourceValues(forKeys: [.fileSizeKey]).fileSize)
        let error = #expect(throws: LiberoDataError.self) { try LiberoDataset(at: file) }
        let text = try #require(error?.description)
        #expect(text.contains("ends after \(size) of ") && text.contains("Fetch it again"), "\(text)")
        for word in ["eof", "sblock", "H5", "unable to"] { #expect(!text.contains(word)) }
    }

    /// robomimic's names are read, or those that are not understood are told.
    @Test(arguments: folders("12a"))
    func robomimicsNamesAreRead(folder: URL) throws {
        let dataset: LiberoDataset
        do { dataset = try open(folder) } catch let error as LiberoDataError {
            #expect(error.kind == .unsupported && error.column == "obs", "\(error)")
            return
        }
        try readAll(dataset)
        #expect(!dataset.description.cameras.isEmpty && dataset.description.alignment == .beforeAction)
        #expect(dataset.warnings.contains { $0.text.contains("robomimic") })
        let episode = try dataset.episode(0)
        #expect(episode.states.width == StateLayout.libero.count)
        #expect(!episode.instruction.contains("demo"))
        let position = try episode.column("obs/robot0_eef_pos")
        #expect(Array(episode.states[0].prefix(3)) == Array(position[0]))
    }

    /// Arrays with other numbers of rows or other shapes are left aside with a word.
    @Test(arguments: folders("12d"))
    func otherArraysAreLeftAside(folder: URL) throws {
        let dataset = try open(folder)
        try readAll(dataset)
        let aside = dataset.warnings.filter { $0.text.contains("left aside") }
        #expect(!aside.isEmpty)
        let (verification, _, _) = try convert(dataset, to: .leRobot30)
        #expect(verification.leftOut.contains { $0.contains("not read") })
        let (again, written, _) = try convert(dataset, to: .hdf5)
        #expect(!again.isComplete && written.episodes.count == dataset.episodes.count)
    }
}
