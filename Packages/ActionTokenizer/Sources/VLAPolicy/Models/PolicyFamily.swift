import Synchronization

/// A kind of policy, by the name that recipes and checkpoints have for it.
///
/// A family is what a ``PolicyModel`` type brings: the settings of its section of a recipe, the model, its loss, its way to
/// act, and the weights it can start from. Three are known from the start; ``register(_:)`` adds others, after which
/// recipes, trainings, checkpoints, evaluation and diagnosis take them like those.
public struct PolicyFamily: RawRepresentable, Hashable, Codable, Sendable, CustomStringConvertible {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    public static let regression = PolicyFamily(rawValue: "regression")
    public static let token = PolicyFamily(rawValue: "token")
    public static let flowMatching = PolicyFamily(rawValue: "flowMatching")

    public var description: String { rawValue }

    private static let types = Mutex<[any PolicyModel.Type]>(
        [RegressionModel.self, TokenModel.self, FlowMatchingModel.self])

    /// Makes a family known by the name of its model type; call it before files of the family are read.
    ///
    /// Does nothing when the type is registered. Traps when the name is another type's, or one of a recipe's own settings.
    public static func register<Model: PolicyModel>(_ type: Model.Type) {
        precondition(
            !PolicyRecipe.settingNames.contains(type.family.rawValue),
            "PolicyFamily: '\(type.family)' is a setting of every recipe; give the family another name")
        types.withLock { types in
            if let known = types.first(where: { $0.family == type.family }) {
                precondition(
                    known == type, "PolicyFamily: '\(type.family)' is \(known) already; give \(type) another name")
                return
            }
            types.append(type)
        }
    }

    /// All that are known, in the order they were registered.
    public static var registered: [PolicyFamily] { types.withLock { $0.map { $0.family } } }

    /// The family's type.
    ///
    /// - Throws: ``PolicyFamilyError`` when it is not registered.
    public var model: any PolicyModel.Type {
        get throws {
            guard let type = Self.types.withLock({ $0.first { $0.family == self } }) else {
                throw PolicyFamilyError(family: rawValue, known: Self.registered.map(\.rawValue))
            }
            return type
        }
    }
}

/// A family that is not registered.
public struct PolicyFamilyError: Error, Equatable, CustomStringConvertible {
    public var family: String
    public var known: [String]

    public init(family: String, known: [String]) { (self.family, self.known) = (family, known) }

    public var description: String {
        "There is no family '\(family)', but \(known.joined(separator: ", ")). One of another package has to be registered "
            + "by PolicyFamily.register(_:) before its files are read."
    }
}

/// The settings of any family: a section of a recipe. The only place where the type behind a name is looked up.
struct FamilySettings: Sendable {
    private let value: any Codable & Hashable & Sendable

    init(_ value: some Codable & Hashable & Sendable) { self.value = value }

    func settings<Settings>(as _: Settings.Type) -> Settings? { value as? Settings }

    /// What recipes of a family have by default, one for each kind of a choice.
    static func defaults(of family: PolicyFamily) -> [FamilySettings] {
        func settings<Model: PolicyModel>(_: Model.Type) -> [FamilySettings] {
            Model.Configuration.defaultSettings.map { FamilySettings($0) }
        }
        return (try? settings(family.model)) ?? []
    }

    func encode<Key>(into container: inout KeyedEncodingContainer<Key>, forKey key: Key) throws {
        try container.encode(value, forKey: key)
    }

    /// The settings of a family at a key; nil where there are none.
    init?<Key>(of family: PolicyFamily, in container: KeyedDecodingContainer<Key>, forKey key: Key) throws {
        func decoded<Model: PolicyModel>(_: Model.Type) throws -> FamilySettings? {
            try container.decodeIfPresent(Model.Configuration.Settings.self, forKey: key).map { FamilySettings($0) }
        }
        guard let settings = try decoded(family.model) else { return nil }
        self = settings
    }
}

extension FamilySettings: Hashable {
    static func == (a: FamilySettings, b: FamilySettings) -> Bool {
        func isEqual<Value: Equatable>(_ a: Value, _ b: any Equatable) -> Bool { (b as? Value) == a }
        return isEqual(a.value, b.value)
    }

    func hash(into hasher: inout Hasher) { value.hash(into: &hasher) }
}
