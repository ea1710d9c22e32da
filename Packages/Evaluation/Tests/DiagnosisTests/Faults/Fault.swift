import Diagnosis
import VLAPolicy

/// A mistake a user could make, and what the doctor has to call it.
struct Fault: Sendable {
    let name: String
    /// Names that are right; where several are, they are one mistake seen from two sides.
    let causes: Set<Cause>
    let inject: @Sendable (inout Patient, Healthy) throws -> Void
    var families: Set<PolicyFamily> = [.regression, .token]
    /// One of the ten of the system this project began with.
    var story: Int?

    init(
        _ name: String, _ causes: Set<Cause>, families: Set<PolicyFamily> = [.regression, .token], story: Int? = nil,
        inject: @escaping @Sendable (inout Patient, Healthy) throws -> Void
    ) {
        (self.name, self.causes, self.inject) = (name, causes, inject)
        (self.families, self.story) = (families, story)
    }

    static let all = ofPipelines + ofWeights + ofPictures + ofNumbers + ofWorlds + ofTraining

    static func named(_ name: String) -> Fault { all.first { $0.name == name }! }
}
