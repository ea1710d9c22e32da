import RobotInterface
import Evaluation
import Foundation
import ImageProcessing
import Testing
import VLAPolicy

@Suite struct EpisodeFilmTests {
    private let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("film-\(UInt64.random(in: 0 ... .max))")

    /// Runs an episode under a film; the expert reaches the goal unless the limit is too short.
    private func film(
        _ settings: EpisodeFilm.Settings, stepLimit: Int = 40
    ) throws -> (file: String?, record: RolloutRecord) {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let rules = EvaluationRules(settlingStepCount: 2, stepLimit: stepLimit)
        let episode = PlannedEpisode(task: 1, number: 4, rules: rules)
        var (world, film) = (ReachingWorld(), EpisodeFilm(episode, settings: settings, rules: rules, folder: folder))
        var agent = ReachingExpert()
        let record = try rollOut(episode, rules: rules, with: &agent, named: "test", in: &world) {
            film.watch($0)
        }
        return (try film.finish(record).video, record)
    }

    /// A film and a contact sheet, named after the episode; the record is that of an episode nobody watches.
    @Test func episodesAreFilmed() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let (file, record) = try film(.init(format: .apng, contactSheetCount: 4))
        #expect(record.isSuccess)
        #expect(file == "videos/task01_episode004.png")
        let first = try RGBImage(at: folder.appendingPathComponent("videos/task01_episode004.png"))
        // the camera's 16 × 16 and the bar
        #expect(first.width == 16 && first.height == 20)
        let sheet = try RGBImage(at: folder.appendingPathComponent("videos/task01_episode004.jpg"))
        #expect(sheet.width == 4 * 20 + 4 && sheet.height == 24 + 4)
    }

    @Test func onlyWhatIsWantedIsKept() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(try film(.init(choice: .failures, format: .apng)).file == nil)
        #expect(try film(.init(choice: .successes, format: .apng)).file != nil)
        #expect(try film(.init(choice: .failures, format: .apng), stepLimit: 3).file != nil)
    }

    @Test func camerasThatAreMissingAreNamed() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(throws: ObservationError.missingCamera(.wrist, found: [.agentView])) {
            try film(.init(cameras: [.wrist], format: .apng))
        }
    }

    /// What the simulator calls row 0 is the bottom; data sets turn images by half a turn.
    @Test func imagesAreShownUpright() {
        var upright = RGBImage(width: 3, height: 2)
        upright[0, 0] = SIMD3(255, 0, 0)
        #expect(upright.turned(from: .upright, to: .upright) == upright)
        #expect(upright.flippedVertically().turned(from: .raw, to: .upright) == upright)
        // an image turned by half a turn from raw has its rows upright and its columns reversed
        #expect(upright.flippedVertically().rotated180().turned(from: .rotated180, to: .upright) == upright)
    }
}
