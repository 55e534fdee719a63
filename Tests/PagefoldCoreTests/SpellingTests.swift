// Which name was meant, where a field stands, and paths taken apart.

import PagefoldCore
import Testing

@Suite struct SpellingTests {
    static let names = ["steps", "page", "batch", "scale", "grey", "rgb", "mfcc", "fft_windows", "wv", "ws"]

    @Test(arguments: [
        ("stpes", "steps"), ("step", "steps"), ("STEPS", "steps"), ("pages", "page"), ("bacth", "batch"),
        ("fft_window", "fft_windows"), ("gray", "grey"), ("scael", "scale"),
    ])
    func aNameThatIsCloseIsMeant(word: String, name: String) {
        #expect(Spelling.closest(to: word, among: Self.names) == name)
    }

    @Test(arguments: ["", "x", "learning", "zzzzz", "1e400", "[1]", String(repeating: "steps", count: 1_000)])
    func whatIsFarIsNotGuessed(word: String) {
        #expect(Spelling.closest(to: word, among: Self.names) == nil)
    }

    @Test func remediesNameWhatIsPossible() {
        #expect(
            Spelling.remedy(for: "pag", among: ["page", "alpha"])
                == "did you mean page? possible are page, alpha")
        #expect(
            Spelling.remedy(for: "zz", among: ["page", "alpha"], verb: "write") == "write one of page, alpha")
    }
}

@Suite struct FieldPlaceTests {
    @Test func aFieldIsAtItsPlaceOrAtThatOfWhatIsAroundIt() {
        var places = FieldPlaces()
        places.note("network a", at: TextPlace(line: 2, column: 3))
        places.note("network a: data.train", at: TextPlace(line: 4, column: 5))
        places.note("network a", at: TextPlace(line: 9, column: 9))
        #expect(places["network a: data.train"]?.description == "4:5")
        #expect(places["network a: data.train.samples[1]"]?.description == "4:5")
        #expect(places["network a: classes"]?.description == "2:3")
        #expect(places["network b"] == nil && places[""] == nil)
        places.forget("network a: data.train")
        #expect(places["network a: data.train"]?.description == "2:3")
    }

    @Test func anErrorHasItsPlaceBehindTheFile() {
        let error = InputError(
            file: "j.yaml", at: TextPlace(line: 3, column: 7), field: "page", problem: "p", remedy: "r")
        #expect(error.description == "j.yaml:3:7: page: p; r")
        #expect(
            InputError(file: "j", field: "page", problem: "p", remedy: "r").description == "j: page: p; r")
    }
}

@Suite struct FilePathTests {
    @Test(arguments: [
        ("j", "", "j", "j"), ("-", "", "-", "-"), ("", "", "", ""), ("/", "/", "", "/"),
        ("/j", "/", "j", "/j"), ("a/b.yaml", "a", "b.yaml", "a/b"), ("a.b/c", "a.b", "c", "a.b/c"),
        (".x", "", ".x", ".x"), ("a/.x.y", "a", ".x.y", "a/.x"), ("./j", ".", "j", "./j"),
    ])
    func pathsAreTakenApart(path: String, folder: String, name: String, plain: String) {
        #expect(FilePath.folder(of: path) == folder)
        #expect(FilePath.name(of: path) == name)
        #expect(FilePath.withoutSuffix(path) == plain)
    }

    @Test(arguments: [
        ("", "a", "a"), ("f", "a", "f/a"), ("f/", "a", "f/a"), ("f", "/a", "/a"), ("/", "a", "/a"),
    ])
    func pathsAreJoined(folder: String, path: String, joined: String) {
        #expect(FilePath.joined(folder, path) == joined)
    }
}
