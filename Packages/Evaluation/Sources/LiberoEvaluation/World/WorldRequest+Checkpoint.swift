public import Foundation
public import LiberoSimulation
import VLAPolicy

extension WorldRequest {
    /// The suite's world with the images a policy asks for; as the suite has them where the checkpoint cannot be read.
    public func environment(forCheckpoint folder: URL) throws -> LiberoEnvironment {
        let requirements = (try? PolicyCheckpoint(at: folder).policy())?.requirements
        return try setting(for: requirements, defaultProfile: "fast").environment()
    }
}
