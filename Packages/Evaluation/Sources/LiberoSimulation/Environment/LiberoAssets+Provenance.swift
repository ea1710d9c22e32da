import Foundation

extension LiberoAssets {
    /// Files that LIBERO's repository has and that copies of it often lack: visual meshes and textures above 4 MB.
    ///
    /// By path below the assets, with the size of the original in bytes.
    static let largeFiles: [(path: String, size: Int)] = [
        ("stable_scanned_objects/akita_black_bowl/visual/akita_black_bowl_vis.msh", 4_592_392),
        ("stable_scanned_objects/akita_black_bowl/texture.png", 12_751_242),
        ("stable_scanned_objects/basket/visual/basket_vis.msh", 7_170_136),
        ("stable_scanned_objects/basket/texture.png", 11_112_400),
        ("stable_scanned_objects/plate/texture.png", 8_660_937),
        ("stable_scanned_objects/white_bowl/texture.png", 7_982_813),
        ("turbosquid_objects/red_coffee_mug/red_coffee_mug_texture.png", 9_780_486),
        ("turbosquid_objects/porcelain_mug/porcelain_mug_texture.png", 7_293_802),
        ("turbosquid_objects/white_yellow_mug/white_yellow_mug_texture.png", 8_119_611),
        ("turbosquid_objects/desk_caddy/desk_caddy_texture.png", 11_230_178),
        ("turbosquid_objects/wooden_tray/crate_mat_BaseColor.png", 4_988_248),
        ("scenes/wall_decoration/wall_decoration_texture.png", 4_492_846),
        ("scenes/living_room/visual/living_room_vis.msh", 6_514_576),
        ("scenes/kitchen_background/visual/kitchen_background_vis.msh", 7_534_528),
        ("scenes/kitchen_background_stove/visual/kitchen_background_stove_vis.msh", 6_212_608),
        ("scenes/floor_lamp/visual/floor_lamp_vis.msh", 7_983_160),
        ("scenes/kitchen_background_pot/visual/kitchen_background_pot_vis.msh", 4_344_316),
    ]

    /// A hash of the assets' names, sizes and XML texts, and whether the large files are the originals.
    func provenance() throws -> [String: String] {
        var hash = FNVHash()
        for folder in [liberoFolder, robosuiteFolder] {
            let manager = FileManager.default
            guard let names = manager.enumerator(atPath: folder.path) else {
                throw LiberoSimulationError.missingAsset(path: folder.path, neededBy: "the scene")
            }
            for name in names.compactMap({ $0 as? String }).sorted() {
                let path = folder.appendingPathComponent(name).path
                hash.add(name.utf8)
                if name.hasSuffix(".xml") {
                    hash.add(manager.contents(atPath: path) ?? Data())
                } else {
                    hash.add(UInt64(Self.size(of: path) ?? 0))
                }
            }
        }
        let others = Self.largeFiles.filter {
            Self.size(of: liberoFolder.appendingPathComponent($0.path).path) != $0.size
        }
        return [
            "assets": String(hash.value, radix: 16),
            "visualAssets": others.isEmpty
                ? "original" : "\(others.count) of \(Self.largeFiles.count) large files are stand-ins or missing",
        ]
    }

    private static func size(of path: String) -> Int? {
        (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int
    }
}
