public import FileSupport
public import Foundation
public import ImageProcessing
import Plotting
import RobotInterface

/// An episode drawn for people: images turned upright, curves of its actions and states.
public struct EpisodePage: Sendable {
    let episode: LiberoEpisode
    let frameCount: Int

    /// - Parameters:
    ///   - dataset: The data set.
    ///   - index: The episode's number.
    ///   - frameCount: How many frames are shown, at equal distances.
    /// - Throws: `RequestError` for an episode that there is not, ``LiberoDataError`` for one that is damaged.
    public init(_ dataset: LiberoDataset, episode index: Int, frameCount: Int = 12) throws {
        guard dataset.episodes.indices.contains(index), frameCount > 0 else {
            throw RequestError("--episode is \(index); the data set has 0…\(dataset.episodes.count - 1).")
        }
        self.episode = try dataset.episode(index)
        self.frameCount = frameCount
    }

    /// Frames at equal distances, the first and the last among them.
    public var frames: [Int] {
        let count = min(frameCount, episode.length)
        return (0..<count).map { count == 1 ? 0 : $0 * (episode.length - 1) / (count - 1) }
    }

    /// One row per camera.
    public func contactSheet() throws -> RGBImage {
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
        image.turned(from: episode.description.cameras[camera]?.orientation ?? .upright, to: .upright)
    }

    private func plot(_ title: String, _ column: NumberColumn, _ dimensions: [(Int, String)]) -> String {
        Plot(
            title, x: .init("frame"),
            series: dimensions.map { dimension, label in
                .line(label, (0..<column.count).map { .init(x: Double($0), y: column[$0, dimension]) })
            }
        ).svg()
    }

    /// The page, which needs no other file.
    ///
    /// - Parameter sheet: The contact sheet's file.
    public func html(sheet: URL) throws -> String {
        let names = episode.description.actionSpace.dimensionNames
        let motion = names.indices.dropLast().map { ($0, names[$0]) }
        let gripper = [(names.count - 1, names[names.count - 1])]
        var plots = [
            plot("action", episode.actions, Array(motion)), plot("gripper command", episode.actions, gripper),
        ]
        var start = 0
        for part in episode.description.stateLayout.parts {
            plots.append(plot(part.rawValue, episode.states, (0..<part.count).map { (start + $0, "\($0)") }))
            start += part.count
        }
        let shown = frames.map(String.init).joined(separator: ", ")
        let cameras = episode.cameras.map(\.rawValue).joined(separator: ", ")
        var page = HTMLPage(episode.allInstructions.joined(separator: ", then "))
        page.paragraph("\(episode.info.file), \(episode.info.name), \(episode.length) frames.")
        page.paragraph("Shown upright: frames \(shown); \(cameras) from top to bottom.")
        page.gallery(.sheets, [HTMLPage.figure(try HTMLPage.embedded(sheet, alternative: "frames of the episode"))])
        page.gallery(.curves, plots.map { HTMLPage.figure($0) })
        return page.html
    }

    /// Writes `NAME.html` and `NAME.png` into a folder.
    public func write(to folder: URL, name: String) throws -> EpisodePageFiles {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let sheet = folder.appendingPathComponent("\(name).png")
        let page = folder.appendingPathComponent("\(name).html")
        try contactSheet().write(to: sheet)
        try AtomicFile.write(Data(html(sheet: sheet).utf8), to: page)
        return EpisodePageFiles(page: page.path, sheet: sheet.path, frames: frames)
    }
}

/// Where an episode was drawn, and which of its frames.
public struct EpisodePageFiles: Codable, TextReport, Sendable {
    public var page: String
    public var sheet: String
    public var frames: [Int]

    public var text: String { page }
}
