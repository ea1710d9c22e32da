import Foundation

/// What the rules read of a `Package.swift`: the parts of `swift package dump-package`.
struct Manifest: Equatable {
    struct Product: Equatable {
        var name: String
        var kind: String
        var targets: [String]
    }

    struct Target: Equatable {
        var name: String
        /// regular, test, executable, system, …
        var type: String
        /// Relative to the package, nil for the place SwiftPM expects.
        var path: String?
        var dependencies: [Dependency] = []
        /// Settings, resources, excluded files, pkg-config name and providers, each as sorted JSON.
        var settings: [String] = []
    }

    /// A dependency on a target or product, whichever way it is written.
    struct Dependency: Hashable {
        var name: String
        /// Platforms and traits that switch it on, as sorted JSON; nil when always on.
        var condition: String?
    }

    /// A package this one depends on.
    struct Package: Equatable {
        /// SwiftPM's identity: the last part of the path or URL, in lower case.
        var identity: String
        var isLocal: Bool
        /// The traits enabled there, by the traits that enable them here.
        var traits: [String: [String]] = [:]
    }

    var name: String
    var products: [Product] = []
    var targets: [Target] = []
    var packages: [Package] = []
    /// Traits with their descriptions.
    var traits: [String: String] = [:]
    /// Names of the traits that are on without being asked for.
    var defaultTraits: [String] = []

    func target(_ name: String) -> Target? { targets.first { $0.name == name } }
}

// MARK: - Reading

extension Manifest {
    init(dump: Data) throws {
        let json = try JSONSerialization.jsonObject(with: dump) as? [String: Any] ?? [:]
        name = json["name"] as? String ?? ""
        products = objects(json["products"]).map { product in
            Product(
                name: product["name"] as? String ?? "",
                kind: (product["type"] as? [String: Any])?.keys.first ?? "",
                targets: product["targets"] as? [String] ?? [])
        }
        targets = objects(json["targets"]).map(Target.init(json:))
        packages = objects(json["dependencies"]).flatMap { dependency in
            dependency.flatMap { kind, places in
                objects(places).map { Package(json: $0, isLocal: kind == "fileSystem") }
            }
        }
        for trait in objects(json["traits"]) {
            let name = trait["name"] as? String ?? ""
            if name == "default" {
                defaultTraits = trait["enabledTraits"] as? [String] ?? []
            } else {
                traits[name] = trait["description"] as? String ?? ""
            }
        }
    }
}

extension Manifest.Target {
    init(json: [String: Any]) {
        name = json["name"] as? String ?? ""
        type = json["type"] as? String ?? ""
        path = json["path"] as? String
        dependencies = objects(json["dependencies"]).flatMap { dependency in
            // {"byName": [name, condition]}, {"target": [name, condition]}, {"product": [name, package, aliases, condition]}
            dependency.values.compactMap { value in
                guard let parts = value as? [Any], let name = parts.first as? String else { return nil }
                return Manifest.Dependency(name: name, condition: (parts.last as? [String: Any]).map(sortedJSON))
            }
        }
        settings = ["settings", "resources", "exclude", "sources", "pkgConfig", "providers", "publicHeadersPath"]
            .compactMap {
                key in
                guard let value = json[key], !(value is NSNull), (value as? [Any])?.isEmpty != true else { return nil }
                return "\(key): \(sortedJSON(value))"
            }
    }
}

extension Manifest.Package {
    init(json: [String: Any], isLocal: Bool) {
        identity = json["identity"] as? String ?? ""
        self.isLocal = isLocal
        for trait in objects(json["traits"]) {
            let condition = trait["condition"] as? [String: Any]
            traits[trait["name"] as? String ?? ""] = condition?["traits"] as? [String] ?? []
        }
    }
}

private func objects(_ value: Any?) -> [[String: Any]] { value as? [[String: Any]] ?? [] }

private func sortedJSON(_ value: Any) -> String {
    let data = try? JSONSerialization.data(
        withJSONObject: value, options: [.sortedKeys, .fragmentsAllowed, .withoutEscapingSlashes])
    return data.map { String(decoding: $0, as: UTF8.self) } ?? "\(value)"
}
