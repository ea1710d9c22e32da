#if MuJoCo
    import Foundation
    import TensorTestSupport
    import Testing

    @testable import LiberoSimulation

    /// The composed scenes against those of robosuite 1.4 and LIBERO.
    @Suite struct SceneComposerGoldenTests {
        /// The saved models are the same byte for byte: every name, array and path.
        @Test(arguments: LiberoGolden.all)
        func modelIsIdentical(golden: LiberoGolden) throws {
            let assets = try LiberoGolden.assets()
            let scene = try SceneComposer.compose(LiberoGolden.problem(of: golden.task), assets: assets)

            // files of the reference are relative to the folder of assets
            let root = try #require(LiberoGolden.liberoFolder)
            let reference = try MJCFElement.parse(Data(golden.text("composed.xml").utf8), path: "composed.xml")
            for element in reference.descendants {
                guard let file = element["file"] else { continue }
                element["file"] = "\(root.path)/\(file)"
            }
            var text = ""
            reference.write(to: &text)

            let model = try MuJoCoModel(xml: scene.xml, name: golden.task.name)
            let expected = try MuJoCoModel(xml: text, name: "composed.xml")
            #expect(model.positionCount == expected.positionCount)
            for kind in MuJoCoModel.namedKinds { #expect(model.names(kind) == expected.names(kind)) }
            #expect(model.serialized() == expected.serialized())
        }

        @Test(arguments: LiberoGolden.all)
        func namesAndObjectsMatch(golden: LiberoGolden) throws {
            let assets = try LiberoGolden.assets()
            let scene = try SceneComposer.compose(LiberoGolden.problem(of: golden.task), assets: assets)
            let meta = try golden.meta()

            #expect(Set(scene.objects.map(\.name)) == Set(meta["object_classes"].object.keys))
            for object in scene.objects {
                let expected = meta["object_classes"][object.name]
                // the original writes one of them in two ways
                let category = expected["category"].string?.replacing("_", with: "")
                #expect(object.categoryName.replacing("_", with: "") == category)
                #expect(object.rootBody == expected["root_body"].string)
                #expect(object.joints == expected["joints"].strings)
                #expect(object.contactGeoms == expected["contact_geoms"].strings)
                #expect([0, 1, 2].map { object.bottomOffset[$0] } == expected["bottom_offset"].doubles)
                #expect([0, 1, 2].map { object.topOffset[$0] } == expected["top_offset"].doubles)
                #expect(object.horizontalRadius == expected["horizontal_radius"].double)
            }
            for (key, expected) in meta["site_objects"].object {
                let region = try #require(scene.regions[key], "\(key)")
                #expect(region.parent == expected["parent"].string, "\(key)")
                #expect(region.joints == expected["joints"].strings, "\(key)")
                expectClose(
                    [0, 1, 2].map { region.halfSize[$0] }, expected["size"].doubles, within: .exact, key)
            }
        }
    }
#endif
