public import Foundation

extension RobotModel {
    /// Reads a URDF, or a robot file (`*.robot.json`, cuRobo's YAML) and the URDF it names.
    ///
    /// A robot file's URDF is looked for at its path relative to the file, in the search paths, and by its last
    /// component beside the file.
    ///
    /// - Throws: ``RobotFileError`` with line and element.
    public init(
        at url: URL, mimic: MimicRule = .honoured, gravity: Vector3 = Vector3(0, 0, -9.81), searchPaths: [URL] = [],
        limits: RobotFileLimits = .default
    ) throws {
        guard ["json", "yml", "yaml"].contains(url.pathExtension.lowercased()) else {
            try self.init(URDFParser.read(url, limits: limits), mimic: mimic, gravity: gravity)
            return
        }
        let configuration = try RobotConfiguration.read(url, limits: limits)
        guard let urdf = configuration.urdf else {
            throw RobotFileError(.missing, file: url.path, "the file names no URDF", advice: "Add urdf_path.")
        }
        let folder = url.deletingLastPathComponent()
        var candidates = urdf.hasPrefix("/") ? [URL(fileURLWithPath: urdf)] : []
        candidates += ([folder] + searchPaths).map { $0.appendingPathComponent(urdf) }
        candidates.append(folder.appendingPathComponent((urdf as NSString).lastPathComponent))
        guard let found = candidates.first(where: { FileManager.default.fileExists(atPath: $0.path) }) else {
            throw RobotFileError(
                .cannotRead, file: url.path, "its URDF '\(urdf)' is not there",
                advice: "Looked for \(candidates.map(\.path)).")
        }
        try self.init(
            URDFParser.read(found, limits: limits), configuration: configuration, mimic: mimic, gravity: gravity)
    }
}
