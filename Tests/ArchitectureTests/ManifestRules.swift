/// Rules over the root manifest and the layers' own; each returns what breaks it, in words.
enum ManifestRules {
    /// The root declares every layer's targets as the layer does, at their place below `Packages`.
    static func disagreements(root: Manifest, layer: Manifest) -> [String] {
        var found: [String] = []
        for target in layer.targets {
            let folder = target.type == "test" ? "Tests" : "Sources"
            let own = target.path ?? "\(folder)/\(target.name)"
            guard let twin = root.target(target.name) else {
                found.append("\(layer.name): the root manifest has no target \(target.name)")
                continue
            }
            if twin.path != "Packages/\(layer.name)/\(own)" {
                found.append("\(target.name): the root manifest places it at \(twin.path ?? "its default place")")
            }
            if twin.type != target.type {
                found.append("\(target.name): \(target.type) in \(layer.name), \(twin.type) in the root")
            }
            if Set(twin.dependencies) != Set(target.dependencies) {
                let (here, there) = (words(target.dependencies), words(twin.dependencies))
                found.append("\(target.name): depends on \(here) in \(layer.name), on \(there) in the root")
            }
            if twin.settings.sorted() != target.settings.sorted() {
                found.append(
                    "\(target.name): settings \(target.settings) in \(layer.name), \(twin.settings) in the root")
            }
        }

        // what the root declares below the layer's folder; snippets need no declaration there
        for target in root.targets
        where target.path?.hasPrefix("Packages/\(layer.name)/") == true && target.path?.hasSuffix("/Snippets") == false
        {
            if layer.target(target.name) == nil {
                found.append("\(target.name): missing in \(layer.name)'s own manifest")
            }
        }

        for product in layer.products where !root.products.contains(product) {
            found.append("\(layer.name): the root manifest has no product \(product.name) like it")
        }
        for (trait, description) in layer.traits where root.traits[trait] != description {
            found.append("\(layer.name): the root manifest has no trait \(trait) with the same description")
        }
        return found
    }

    /// Every library target is a product of its own name, but for C targets (`CTensorKernels`), which serve one target.
    static func missingProducts(_ manifest: Manifest) -> [String] {
        let libraries = manifest.targets.filter { $0.type == "regular" && $0.name.prefixMatch(of: /C[A-Z]/) == nil }
        return libraries.filter { target in
            !manifest.products.contains {
                $0.name == target.name && $0.targets == [target.name] && $0.kind == "library"
            }
        }.map { "\(manifest.name): library target \($0.name) is no product" }
    }

    /// A target depends on targets listed above it, and on products of layers above its own.
    static func upwardDependencies(
        _ manifest: Manifest, layers: Layers, layerOfProduct: [String: String], external: Set<String> = []
    ) -> [String] {
        var above: Set<String> = []
        var found: [String] = []
        for target in manifest.targets {
            for dependency in target.dependencies.map(\.name) where !above.contains(dependency) {
                if external.contains(dependency) { continue }
                if manifest.target(dependency) != nil {
                    found.append("\(target.name) depends on \(dependency), which is listed below it")
                } else if let layer = layerOfProduct[dependency] {
                    if !layers.allows(manifest.name, toUse: layer) {
                        found.append(
                            "\(target.name) of \(manifest.name) depends on \(dependency) of \(layer), which is not above it"
                        )
                    }
                } else {
                    found.append("\(target.name) depends on \(dependency), which no layer offers")
                }
            }
            above.insert(target.name)
        }
        for package in manifest.packages where package.isLocal {
            let name = layers.names.first { $0.lowercased() == package.identity } ?? package.identity
            if !layers.allows(manifest.name, toUse: name) {
                found.append("\(manifest.name) depends on package \(name), which is not above it")
            }
        }
        return found
    }

    /// A layer has the traits of the layers it depends on and passes them on; none is on by default.
    static func lostTraits(_ manifest: Manifest, traitsOfPackage: [String: Set<String>]) -> [String] {
        var found = manifest.defaultTraits.map { "\(manifest.name): trait \($0) is on by default" }
        for package in manifest.packages {
            for trait in traitsOfPackage[package.identity, default: []].sorted() {
                if package.traits[trait] != [trait] || manifest.traits[trait] == nil {
                    found.append("\(manifest.name) does not pass trait \(trait) on to \(package.identity)")
                }
            }
        }
        return found
    }

    /// A dependency with unsafe flags is refused by SwiftPM when it has a version.
    static func unsafeFlags(_ manifest: Manifest) -> [String] {
        manifest.targets.filter { $0.settings.contains { $0.contains("unsafeFlags") } }
            .map { "\(manifest.name): target \($0.name) has unsafeFlags" }
    }

    private static func words(_ dependencies: [Manifest.Dependency]) -> [String] {
        dependencies.map { $0.name + ($0.condition.map { " when \($0)" } ?? "") }.sorted()
    }
}
