// The words after a layer's name: in which order they may come, what they mean, what is left of them.

import Testing

@testable import PagefoldGraph

@Suite struct LayerArgumentTests {
    private static func arguments(_ text: String) -> LayerArguments {
        LayerArguments(words: text.split(separator: " ").map(String.init))
    }

    @Test(arguments: [
        "8 3x5 stride 2x1 groups 4 dilation 2", "groups 4 8 dilation 2 3x5 stride 2x1",
        "8 stride 2x1 dilation 2 groups 4 3x5",
    ])
    func namedWordsStandAnywhere(text: String) {
        var arguments = Self.arguments(text)
        #expect(arguments.takeCount() == 8)
        #expect(arguments.dilation == (2, 2))
        #expect(arguments.takeWindow(defaultStride: false) == Window(height: 3, width: 5, strideHeight: 2))
        #expect(arguments.groups == 4)
        #expect(arguments.isEmpty)
    }

    /// A pool moves by its own size, a convolution by 1.
    @Test func windowsMoveByTheirDefault() {
        var pool = Self.arguments("2x3")
        #expect(
            pool.takeWindow(defaultStride: true)
                == Window(height: 2, width: 3, strideHeight: 2, strideWidth: 3))
        var convolution = Self.arguments("2x3")
        #expect(convolution.takeWindow(defaultStride: false) == Window(height: 2, width: 3))
        var square = Self.arguments("3 padding 1x2")
        #expect(
            square.takeWindow(defaultStride: false)
                == Window(height: 3, width: 3, padding: Padding(top: 1, left: 2, bottom: 1, right: 2)))
    }

    /// What a spread window takes away, the odd one below and at the right.
    @Test func samePaddingCountsDilation() {
        var arguments = Self.arguments("4x3 padding same")
        #expect(
            arguments.takeWindow(defaultStride: false, dilation: (1, 2))
                == Window(height: 4, width: 3, padding: Padding(top: 1, left: 2, bottom: 2, right: 2)))
        #expect(arguments.isEmpty)
    }

    @Test(arguments: ["0", "-1", "1048577", "3x3", ""]) func whatIsNoCountIsNotTaken(word: String) {
        var arguments = Self.arguments(word)
        #expect(arguments.takeCount() == nil)
        #expect(arguments.left == word)
    }

    /// What is not understood stays, so that an error can tell it.
    @Test func whatIsLeftIsTold() {
        var arguments = Self.arguments("8 3x3 padding banana groups none stride 0 more")
        _ = arguments.takeCount()
        _ = arguments.takeWindow(defaultStride: false)
        #expect(arguments.groups == 1)
        #expect(!arguments.isEmpty)
        #expect(arguments.left == "more groups none padding banana stride 0")
        // A name without a word after it is a word.
        #expect(Self.arguments("stride").left == "stride")
    }
}
