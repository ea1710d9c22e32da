/// The model of one instance of a category, and what it tells about the instance.
struct ObjectModel {
    let object: SceneObject
    /// Assets and one body, with the instance's prefix.
    let document: MJCFElement
    private let body: MJCFElement

    /// Makes an instance from the file of its category: a wrapper body with the body `object` and three sites that tell
    /// its size.
    init(
        _ name: String, categoryName: String, category: ObjectCategory, isFixture: Bool, document: MJCFElement
    ) throws(LiberoSimulationError) {
        func damaged(_ reason: String) -> LiberoSimulationError {
            .damagedAsset(path: category.path, line: nil, reason: reason)
        }
        Self.expandDefaults(of: document)
        guard let wrapper = document.first("worldbody")?.first("body"),
            let body = wrapper.children.first(where: { $0.name == "body" && $0["name"] == "object" })
        else { throw damaged("no body 'object' within a body") }
        func place(_ site: String) throws(LiberoSimulationError) -> SIMD3<Double> {
            guard let element = wrapper.children.first(where: { $0.name == "site" && $0["name"] == site }),
                let numbers = element.numbers("pos"), numbers.count == 3
            else { throw damaged("no site '\(site)' with a position") }
            return SIMD3(numbers[0], numbers[1], numbers[2])
        }

        // names for all geoms, by their place in the body
        body["name"] = "main"
        let geoms = body.descendants("geom")
        for (index, geom) in geoms.enumerated() where geom["name"] == nil { geom["name"] = "g\(index)" }
        if !isFixture {
            body.append(MJCFElement("joint", ["type": "free", "damping": "0.0005", "name": "joint0"]))
        }
        body.append(
            MJCFElement(
                "site",
                [
                    "name": "default_site", "pos": "0 0 0", "size": "0.002 0.002 0.002", "rgba": "1 0 0 0",
                    "type": "sphere", "group": "0",
                ]))
        addPrefix("\(name)_", to: body)
        let asset = document.first("asset") ?? MJCFElement("asset")
        for element in asset.children { addPrefix("\(name)_", to: element) }

        self.body = body
        self.document = MJCFElement(
            "mujoco", children: [MJCFElement("worldbody", children: [body]), asset])
        object = SceneObject(
            name: name, categoryName: categoryName, category: category, isFixture: isFixture,
            joints: (body.descendants("joint") + body.descendants("freejoint")).compactMap { $0["name"] },
            contactGeoms: geoms.filter(isGroupZero).compactMap { $0["name"] },
            bottomOffset: try place("bottom_site"), topOffset: try place("top_site"),
            horizontalRadius: try place("horizontal_radius_site").x)
    }

    /// The region around the site with this name; nil when the object has no such site.
    ///
    /// Bodies are looked through in the order of the model until one without sites below it; of those that contain the
    /// site, the last counts, and the region's joints are that body's own, but for the free joint.
    func region(_ key: String) -> SceneRegion? {
        var found: SceneRegion?
        for part in [body] + body.descendants("body") {
            let sites = part.descendants("site")
            if sites.isEmpty { break }
            guard let site = sites.first(where: { $0["name"] == key }), let size = site.numbers("size") else {
                continue
            }
            found = SceneRegion(
                key: key, parent: object.name,
                joints: part.children.filter { $0.name == "joint" && $0["type"] != "free" }.compactMap { $0["name"] },
                halfSize: SIMD3(
                    size[0], size.count > 1 ? size[1] : size[0], size.count > 2 ? size[2] : size.last ?? 0))
        }
        return found
    }

    /// Replaces classes by the attributes they stand for.
    private static func expandDefaults(of document: MJCFElement) {
        var classes: [String: [String: [String: String]]] = [:]
        for entry in document.first("default")?.descendants("default") ?? [] {
            guard let name = entry["class"] else { continue }
            for element in entry.children { classes[name, default: [:]][element.name] = element.attributes }
        }
        for element in (document.first("worldbody")?.descendants ?? []) + (document.first("asset")?.descendants ?? []) {
            guard let name = element["class"] else { continue }
            element["class"] = nil
            for (key, value) in classes[name]?[element.name] ?? [:] where element[key] == nil { element[key] = value }
        }
    }
}
