public import Foundation
public import ImageProcessing

extension AnyVisionTower {
    /// How images are prepared for the tower.
    ///
    /// A transformer's are prepared as `preprocessor_config.json` in its folder says, without one as its family's published
    /// models do; those of a tower that is trained from scratch are resized and scaled to −1…1.
    ///
    /// - Parameter folder: The folder the tower was loaded from; `nil` if there is none.
    /// - Throws: `SerializationError` when the file asks for something that is not supported.
    public func imageTransform(folder: URL? = nil) throws -> ImageTransform {
        if let file = folder?.appendingPathComponent("preprocessor_config.json"),
            FileManager.default.fileExists(atPath: file.path)
        {
            return try ImageTransform(preprocessorConfigurationAt: file)
        }
        guard case .transformer(let tower) = self, tower.configuration.family == .clip else {
            return .sigLIP2(size: imageSize)
        }
        return .clip(size: imageSize)
    }
}
