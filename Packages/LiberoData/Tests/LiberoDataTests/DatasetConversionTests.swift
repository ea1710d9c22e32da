import RobotInterface
import Foundation
import HDF5
import ImageProcessing
import LiberoData
import LiberoTasks
import Parquet
import Testing
import VLAPolicy

@Suite struct DatasetConversionTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    static let description = DatasetDescription(
        cameras: [
            .agentView: CameraDescription(width: 24, height: 16, orientation: .raw, renderProfile: "faithful"),
            .wrist: CameraDescription(width: 16, height: 16, orientation: .raw, renderProfile: "faithful"),
        ])
    static let tasks = [LiberoSuite.goal.tasks[3], LiberoSuite.goal.tasks[1]]

    /// Smooth images, so that JPEG keeps their sense; numbers that single precision does not hold.
    static func frame(_ seed: Int, _ step: Int) -> RecordedFrame {
        func image(_ width: Int, _ height: Int) -> RGBImage {
            var image = RGBImage(width: width, height: height)
            for y in 0..<height {
                for x in 0..<width {
                    image[x, y] = SIMD3(
                        UInt8(x * 8 + seed), UInt8(truncatingIfNeeded: y * 9 + step), UInt8((x + 2 * y) * 3))
                }
            }
            return image
        }
        var frame = EpisodeRecorderTests.frame(seed, step)
        frame.images = [.agentView: image(24, 16), .wrist: image(16, 16)]
        frame.action[1] = 0.1 * Double(step + 1) / 3
        return frame
    }

    /// Two tasks, their episodes in turn.
    static func record(into url: URL, episodes: Int = 4, length: Int = 3) throws {
        let recorder = try EpisodeRecorder(at: url, description: description)
        for seed in 0..<episodes {
            var episode = recorder.episode(of: tasks[seed % 2])
            for step in 0..<length + seed { try episode.append(frame(seed, step)) }
            try episode.finish(succeeded: true)
        }
        try recorder.close()
    }

    func url(_ name: String) -> URL { folder.url.appendingPathComponent(name) }

    func convert(_ from: String, _ to: String, _ format: LiberoDataset.Format) throws {
        let conversion = try DatasetConversion(LiberoDataset(at: url(from)), to: url(to), as: format)
        try conversion.run()
        let verification = try conversion.verify()
        #expect(verification.isEqual, "\(from) → \(to): \(verification.differences)")
        #expect(verification.episodeCount == 4)
        try conversion.writeManifest()
        #expect(try LiberoDataset(at: url(to)).manifestDifferences() == [])
    }

    @Test func roundTripThroughAllFormsKeepsTheNumbers() throws {
        try Self.record(into: url("hdf5"))
        try convert("hdf5", "v21", .leRobot21)
        try convert("v21", "v30", .leRobot30)
        try convert("v30", "libero_goal_no_noops", .rlds)
        try convert("libero_goal_no_noops", "again", .hdf5)

        let (first, last) = (try LiberoDataset(at: url("hdf5")), try LiberoDataset(at: url("again")))
        #expect(last.description.orientation == .raw && last.format == .hdf5)
        #expect(first.episodes.map(\.instruction) == last.episodes.map(\.instruction))
        #expect(first.episodes.map(\.file) == last.episodes.map(\.file))
        for info in first.episodes {
            let (a, b) = (try first.episode(info.index), try last.episode(info.index))
            #expect(a.actions.rounded.values == b.actions.values && a.states.rounded.values == b.states.values)
            let joints = (try a.column(ColumnName.jointState), try b.column(ColumnName.jointState))
            #expect(joints.0.rounded.values == joints.1.values)
            // one JPEG pass
            for (x, y) in zip(try a.image(of: .wrist, at: 0).pixels, try b.image(of: .wrist, at: 0).pixels) {
                #expect(abs(Int(x) - Int(y)) < 40)
            }
        }
        // the lossless half of the way
        let middle = try LiberoDataset(at: url("v30"))
        for info in first.episodes {
            let expected = try first.episode(info.index).image(of: .agentView, at: 1).rotated180()
            #expect(try middle.episode(info.index).image(of: .agentView, at: 1) == expected)
        }
    }

    @Test func hdf5KeepsEverythingOfHDF5() throws {
        try Self.record(into: url("hdf5"))
        try convert("hdf5", "copy", .hdf5)
        let (a, b) = (try LiberoDataset(at: url("hdf5")), try LiberoDataset(at: url("copy")))
        for info in a.episodes {
            let (x, y) = (try a.episode(info.index), try b.episode(info.index))
            #expect(try x.columnNames() == y.columnNames())
            for name in try x.columnNames() { #expect(try x.column(name).values == y.column(name).values, "\(name)") }
            #expect(x.info.succeeded == y.info.succeeded && x.info.name == y.info.name)
        }
    }

    /// Lists of demonstrations and texts, as robomimic and LIBERO keep them.
    @Test func hdf5KeepsListsAndTexts() throws {
        try Self.record(into: url("hdf5"))
        let task = "hdf5/libero_goal/\(Self.tasks[0].name)_demo.hdf5"
        let writer = try HDF5Writer(to: url(task), startingWith: url(task))
        try writer.write(["demo_1"], to: "mask/valid")
        try writer.write(["demo_0", "demo_17"], to: "mask/train")
        try writer.setAttribute("model_file", of: "data/demo_0", to: .text(String(repeating: "<a/>", count: 30_000)))
        try writer.setAttribute("env_name", of: "data", to: .text("Another_Name"))
        try writer.close()

        let source = try LiberoDataset(at: url("hdf5"))
        #expect(source.warnings.count == 1 && source.warnings.first?.text.contains("demo_17") == true)
        // tasks in the order of the suite: the second of the files is that of the lists
        let members = source.episodes.filter { $0.file.hasSuffix("\(Self.tasks[0].name)_demo.hdf5") }.map(\.index)
        #expect(source.filterKeys == ["train": [members[0]], "valid": [members[1]]])
        // and a training's split takes them
        let lists = try LiberoDemonstrations([source]).lists
        let split = try DemonstrationSplit(rule: .stored).indices(tasks: ["a", "b", "c", "d"], lists: lists)
        #expect(split.training == [members[0]] && split.validation == [members[1]])

        try convert("hdf5", "copy", .hdf5)
        let copy = try LiberoDataset(at: url("copy"))
        #expect(copy.filterKeys == source.filterKeys && copy.warnings.isEmpty)
        let data = try HDF5File(at: url("copy/libero_goal/\(Self.tasks[0].name)_demo.hdf5")).root.group("data")
        #expect(try data.attribute("env_name")?.text == "Another_Name")
        #expect(try data.attribute("num_demos")?.integer == 2)
        #expect(try data.group("demo_0").attribute("model_file")?.text?.count == 120_000)
    }

    /// Raw files have the observation behind the action: paired causally, the simulator's state is the one before it.
    @Test func causalPairingKeepsTheSimulatorsStateInFrontOfTheAction() throws {
        let file = url("raw_demo.hdf5")
        let writer = try HDF5Writer(to: file)
        let count = 5
        // time t: joints t + 0…6 before the action, t + 1 + 0…6 behind it
        func write(_ path: String, width: Int, _ value: (Int, Int) -> Double) throws {
            var values: [Double] = []
            for t in 0..<count { for i in 0..<width { values.append(value(t, i)) } }
            try writer.write(values, shape: [count, width], to: "data/demo_0/\(path)")
        }
        try write("states", width: 8) { t, i in i == 0 ? Double(t) : Double(t + i - 1) }
        try write("obs/joint_states", width: 7) { t, i in Double(t + 1 + i) }
        try write("actions", width: 7) { t, i in i == 6 ? (t % 2 == 0 ? 1 : -1) : Double(t) }
        try write("obs/ee_pos", width: 3) { t, i in i == 0 ? Double(t) : 1 }
        try write("obs/ee_ori", width: 3) { _, _ in 0 }
        try write("obs/gripper_states", width: 2) { _, _ in 0 }
        for camera in ["agentview_rgb", "eye_in_hand_rgb"] {
            try writer.write(
                (0..<count * 12).map { UInt8($0) }, shape: [count, 2, 2, 3], to: "data/demo_0/obs/\(camera)")
        }
        try writer.close()
        let dataset = try LiberoDataset(at: file)
        #expect(dataset.storedAlignment == .afterAction && dataset.description.alignment == .beforeAction)
        let episode = try dataset.episode(0)
        #expect(episode.length == 4)
        let (states, joints) = (
            try episode.column(ColumnName.simulatorState), try episode.column(ColumnName.jointState)
        )
        for frame in 0..<4 {
            // observation t, action t + 1, and the state between them
            #expect(episode.states[frame, 0] == Double(frame) && episode.actions[frame, 0] == Double(frame + 1))
            #expect(Array(states[frame].dropFirst()) == Array(joints[frame]))
        }
        #expect(ObservationAlignment.detected(joints: joints, states: states) == .beforeAction)
        // and so does a copy of it
        let conversion = try DatasetConversion(dataset, to: url("copy"), as: .hdf5)
        try conversion.run()
        #expect(try conversion.verify().isEqual)
    }

    @Test func filesOfKilledWritersAreRemoved() throws {
        try Self.record(into: url("hdf5"))
        try convert("hdf5", "v21", .leRobot21)
        // a process number that is not in use
        let stale = url("v21/data/chunk-000/.episode_000009.parquet.\(Int32.max - 1)-123.tmp")
        let own = url("v21/data/chunk-000/.episode_000009.parquet.\(getpid())-123.tmp")
        for file in [stale, own] { try Data([1]).write(to: file) }
        try DatasetConversion(LiberoDataset(at: url("hdf5")), to: url("v21"), as: .leRobot21).run()
        #expect(!FileManager.default.fileExists(atPath: stale.path))
        #expect(FileManager.default.fileExists(atPath: own.path))
    }

    /// LeRobot 2.1 is written in row groups of at most a hundred rows, as its own recorder does with images.
    @Test func longEpisodesHaveSeveralRowGroups() throws {
        try Self.record(into: url("hdf5"), episodes: 1, length: 230)
        let conversion = try DatasetConversion(LiberoDataset(at: url("hdf5")), to: url("v21"), as: .leRobot21)
        try conversion.run()
        let file = try ParquetFile(at: url("v21/data/chunk-000/episode_000000.parquet"))
        #expect(file.rowGroups.map(\.rowCount) == [100, 100, 30])
        #expect(try conversion.verify().isEqual)
    }

    @Test func missingShardIsAnEpisodeThatFails() throws {
        try Self.record(into: url("hdf5"))
        var conversion = try DatasetConversion(LiberoDataset(at: url("hdf5")), to: url("rlds"), as: .rlds)
        conversion.shardCount = 2
        try conversion.run()
        try FileManager.default.removeItem(at: url("rlds/1.0.0/rlds-train.tfrecord-00000-of-00002"))
        let dataset = try LiberoDataset(at: url("rlds"))
        let report = try dataset.validate()
        #expect(report.episodeCount == 2 && report.errors.count == 1)
        #expect(report.errors.first?.file.hasSuffix("00000-of-00002") == true)
    }

    @Test func anotherSetInTheTargetIsRefused() throws {
        try Self.record(into: url("hdf5"))
        try convert("hdf5", "v21", .leRobot21)
        let other = try DatasetConversion(LiberoDataset(at: url("v21")), to: url("v21"), as: .leRobot30)
        #expect(throws: LiberoDataError.self) { try other.run() }
        #expect(throws: LiberoDataError.self) {
            try DatasetConversion(LiberoDataset(at: url("hdf5")), to: url("x"), as: .leRobot20)
        }
    }

    @Test func damageIsFoundByVerificationAndManifest() throws {
        try Self.record(into: url("hdf5"))
        try convert("hdf5", "v21", .leRobot21)
        let path = "data/chunk-000/episode_000001.parquet"
        let file = url("v21").appendingPathComponent(path)
        let other = url("v21").appendingPathComponent("data/chunk-000/episode_000003.parquet")
        try FileManager.default.removeItem(at: file)
        try FileManager.default.copyItem(at: other, to: file)
        #expect(try LiberoDataset(at: url("v21")).manifestDifferences()?.count == 1)
        let conversion = try DatasetConversion(LiberoDataset(at: url("hdf5")), to: url("v21"), as: .leRobot21)
        #expect(throws: LiberoDataError.self) { try conversion.verify() }
    }

    /// The process dies at random moments of a conversion that is begun again each time, until it is complete.
    @Test(arguments: [LiberoDataset.Format.hdf5, .leRobot21, .leRobot30, .rlds])
    func killedConversionGoesOnAndDoublesNothing(format: LiberoDataset.Format) async throws {
        try Self.record(into: url("source"), episodes: 12, length: 4)
        let path = folder.url.path
        for attempt in 0..<6 {
            // dies after a number of episodes and a moment, the last time not at all
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [path = path as String, attempt = attempt as Int, name = format.rawValue as String] in
                let root = URL(fileURLWithPath: path)
                let source = try LiberoDataset(at: root.appendingPathComponent("source"))
                var conversion = try DatasetConversion(
                    source, to: root.appendingPathComponent("target"), as: LiberoDataset.Format(rawValue: name)!)
                conversion.dataFileSize = 0.02
                conversion.shardCount = 4
                var steps = 0
                try conversion.run { _, _ in
                    steps += 1
                    guard steps == 4 else { return }
                    Thread.detachNewThread {
                        usleep(UInt32(attempt * 3000))
                        kill(getpid(), SIGKILL)
                    }
                }
                kill(getpid(), SIGKILL)
            }
            // what is there reads
            if let half = try? LiberoDataset(at: url("target")) {
                for info in half.episodes { _ = try half.episode(info.index).image(of: .wrist, at: 0) }
            }
        }
        var conversion = try DatasetConversion(LiberoDataset(at: url("source")), to: url("target"), as: format)
        conversion.dataFileSize = 0.02
        conversion.shardCount = 4
        try conversion.run()
        let verification = try conversion.verify()
        #expect(verification.isEqual && verification.episodeCount == 12, "\(verification.differences)")
        #expect(try LiberoDataset(at: url("target")).warnings.isEmpty)
        #expect(try LiberoDataset(at: url("target")).validate().isClean)
    }
}
