import RobotInterface
import ArgumentParser
import Foundation
import ImageProcessing
import LiberoData
import TensorTraining
import VLAPolicy

struct DataView: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "view",
        abstract: "Draw an episode: a contact sheet and a page with images and curves.",
        discussion: """
            EXAMPLES
              vla data view data/libero_spatial --episode 3 -o out
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var dataset: DatasetArguments
    @Option(help: "The episode's number.") var episode = 0
    @Option(help: "How many frames are shown.") var frames = 12
    @Option(name: [.short, .long], help: "The folder to write into.") var output: String
    @Flag(help: "Print one JSON object: the files and the frames shown.") var json = false

    private struct Report: Encodable {
        var page: String
        var sheet: String
        var frames: [Int]
    }

    func run() throws {
        common.apply()
        let data = try dataset.open()
        guard data.episodes.indices.contains(episode), frames > 0 else {
            throw ValidationError("--episode is \(episode); the data set has 0…\(data.episodes.count - 1).")
        }
        let shown = EpisodePage(episode: try data.episode(episode), frameCount: frames)
        let folder = URL(fileURLWithPath: output)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let name = "episode_\(episode)"
        try shown.contactSheet().write(to: folder.appendingPathComponent("\(name).png"))
        try shown.html(sheet: "\(name).png").write(
            to: folder.appendingPathComponent("\(name).html"), atomically: true, encoding: .utf8)
        let page = folder.appendingPathComponent("\(name).html").path
        let sheet = folder.appendingPathComponent("\(name).png").path
        if json { try printJSON(Report(page: page, sheet: sheet, frames: shown.frames)) } else { print(page) }
    }
}

/// An episode drawn for people: images turned upright, curves of what was told and felt.
struct EpisodePage {
    let episode: LiberoEpisode
    let frameCount: Int

    /// Frames at equal distances, the first and the last among them.
    var frames: [Int] {
        let count = min(frameCount, episode.length)
        return (0..<count).map { count == 1 ? 0 : $0 * (episode.length - 1) / (count - 1) }
    }

    /// One row per camera.
    func contactSheet() throws -> RGBImage {
        let rows = try episode.cameras.map { camera in
            try frames.map { upright(try episode.image(of: camera, at: $0), camera) }
        }
        let gap = 4
        let width = rows.map { $0.reduce(gap) { $0 + $1.width + gap } }.max() ?? gap
        let height = rows.reduce(gap) { $0 + ($1.first?.height ?? 0) + gap }
        var sheet = RGBImage(width: width, height: height, color: SIMD3(repeating: 255))
        var y = gap
        for row in rows {
            var x = gap
            for image in row {
                sheet.draw(image, x: x, y: y)
                x += image.width + gap
            }
            y += (row.first?.height ?? 0) + gap
        }
        return sheet
    }

    private func upright(_ image: RGBImage, _ camera: CameraName) -> RGBImage {
        switch episode.description.cameras[camera]?.orientation {
        case .raw: image.flippedVertically()
        case .rotated180: image.flippedHorizontally()
        case .upright, nil: image
        }
    }

    private func plot(_ title: String, _ column: NumberColumn, _ dimensions: [(Int, String)]) -> String {
        Plot(
            title, x: .init("frame"),
            series: dimensions.map { dimension, label in
                .line(label, (0..<column.count).map { .init(x: Double($0), y: column[$0, dimension]) })
            }
        ).svg()
    }

    func html(sheet: String) throws -> String {
        let names = episode.description.actionSpace.dimensionNames
        let motion = names.indices.dropLast().map { ($0, names[$0]) }
        let gripper = [(names.count - 1, names[names.count - 1])]
        var plots = [
            plot("action", episode.actions, Array(motion)), plot("gripper command", episode.actions, gripper),
        ]
        var start = 0
        for part in episode.description.stateLayout.parts {
            plots.append(
                plot(part.rawValue, episode.states, (0..<part.count).map { (start + $0, "\($0)") }))
            start += part.count
        }
        let shown = frames.map(String.init).joined(separator: ", ")
        let cameras = episode.cameras.map(\.rawValue).joined(separator: ", ")
        return """
            <!doctype html>
            <meta charset="utf-8">
            <title>\(escaped(episode.info.name))</title>
            <style>body { font: 15px sans-serif; margin: 2em } img { max-width: 100% }</style>
            <h1>\(escaped(episode.instruction))</h1>
            <p>\(escaped(episode.info.file)), \(escaped(episode.info.name)), \(episode.length) frames.
            Shown upright: frames \(shown); \(escaped(cameras)) from top to bottom.</p>
            <img src="\(sheet)" alt="frames of the episode">
            \(plots.joined(separator: "\n"))
            """
    }

    private func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
