public import RobotInterface

extension PolicyRequirements {
    /// Where an environment does not give or take what the policy was trained with; empty when it fits.
    ///
    /// Compares the action space with its gripper convention and control rate, each camera the policy uses with its
    /// size, orientation and render profile, and the parts of the state it reads. More cameras than needed do no harm.
    public func differences(from environment: EnvironmentDescription) throws -> [FieldDifference] {
        func prefixed(_ prefix: String, _ differences: [FieldDifference]) -> [FieldDifference] {
            differences.map {
                FieldDifference(
                    field: $0.field.isEmpty ? prefix : "\(prefix).\($0.field)", found: $0.found, expected: $0.expected)
            }
        }
        var result = prefixed("actionSpace", try .between(environment.actionSpace, and: actionSpace))
        for (name, camera) in cameras.sorted(by: { $0.key < $1.key }) {
            if let found = environment.cameras[name] {
                result += prefixed("cameras.\(name)", try .between(found, and: camera))
            } else {
                let names = environment.cameras.keys.map(\.rawValue).sorted()
                result.append(FieldDifference(field: "cameras.\(name)", found: "\(names)", expected: "\(name)"))
            }
        }
        for part in stateLayout?.parts ?? [] where !environment.stateParts.contains(part) {
            result.append(
                FieldDifference(
                    field: "state", found: "\(environment.stateParts.map(\.rawValue))", expected: part.rawValue))
        }
        return result
    }

    /// Stops before the first step when policy and environment do not mean the same.
    ///
    /// - Throws: ``IncompatibleEnvironmentError`` with every difference.
    public func check(_ environment: EnvironmentDescription) throws {
        let differences = try differences(from: environment)
        if !differences.isEmpty { throw IncompatibleEnvironmentError(differences: differences) }
    }
}

extension [FieldDifference] {
    fileprivate static func between(
        _ found: some Encodable, and expected: some Encodable
    ) throws -> [FieldDifference] { try FieldDifference.between(found, and: expected) }
}

/// A policy and an environment that do not mean the same by their numbers and images.
public struct IncompatibleEnvironmentError: Error, Equatable, CustomStringConvertible {
    /// What the environment has and what the policy expects.
    public let differences: [FieldDifference]

    public init(differences: [FieldDifference]) { self.differences = differences }

    public var description: String {
        "The environment is not what the policy was trained for:\n"
            + differences.map { "  \($0)" }.joined(separator: "\n")
            + "\nChange the environment's options, or train a policy for this environment."
    }
}
