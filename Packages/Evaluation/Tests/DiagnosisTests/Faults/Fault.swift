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
    var reportedFault: Int?

    init(
        _ name: String, _ causes: Set<Cause>, families: Set<PolicyFamily> = [.regression, .token],
        reportedFault: Int? = nil,
        inject: @escaping @Sendable (inout Patient, Healthy) throws -> Void
    ) {
        (self.name, self.causes, self.inject) = (name, causes, inject)
        (self.families, self.reportedFault) = (families, reportedFault)
    }

    static let all = ofPipelines + ofWeights + ofImages + ofNumbers + ofWorlds + ofTraining

    static func named(_ name: String) -> Fault { all.first { $0.name == name }! }
}
