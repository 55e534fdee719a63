// The one line of text that a fold file has of a transform: what is written is read, and nothing else.
import PagefoldCore
import PagefoldData
import Testing

@Suite struct TransformTextTests {
    static let descriptions: [TransformDescription] = [
        TransformDescription("l2norm"),
        TransformDescription("scale", ["divisor": .number(255)]),
        TransformDescription("scale", ["divisor": .number(0.1)]),
        TransformDescription("scale", ["divisor": .number(1e-30)]),
        TransformDescription("scale", ["divisor": .number(-1e300)]),
        TransformDescription("standardise", ["mean": .numbers([0.1, -2, 3e-9]), "deviation": .number(1)]),
        TransformDescription("mfcc", ["frames": .number(61), "sample_rate": .number(16_000)]),
    ]

    @Test(arguments: descriptions)
    func whatIsWrittenIsRead(description: TransformDescription) throws {
        #expect(try TransformDescription.parse(description.text, file: "f") == [description])
    }

    @Test func severalStandBetweenSemicolons() throws {
        let text = Self.descriptions.map(\.text).joined(separator: "; ")
        #expect(try TransformDescription.parse(text, file: "f") == Self.descriptions)
        #expect(try TransformDescription.parse("", file: "f").isEmpty)
    }

    @Test(arguments: ["scale 255", "scale divisor=", "scale =3", "scale divisor=much", "mfcc frames=1,x"])
    func whatIsNotOfThatFormIsTold(text: String) {
        let error = #expect(throws: InputError.self) { try TransformDescription.parse(text, file: "a.fold") }
        #expect(error?.file == "a.fold")
        #expect(error?.field == "preprocessing")
    }
}
