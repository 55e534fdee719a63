// The words after a layer's name in a layer list: counts, numbers, windows, attributes. Which layer takes which is
// LayerList's.

/// The words after a layer's name.
struct LayerArguments {
    private var words: [String]
    private var named: [String: String] = [:]

    init(words: [String]) {
        self.words = []
        var index = 0
        while index < words.count {
            if ["stride", "padding", "groups", "dilation", "from"].contains(words[index]),
                index + 1 < words.count
            {
                named[words[index]] = words[index + 1]
                index += 2
            } else {
                self.words.append(words[index])
                index += 1
            }
        }
    }

    var isEmpty: Bool { words.isEmpty && named.isEmpty }
    var left: String {
        (words + named.sorted { $0.key < $1.key }.map { "\($0) \($1)" }).joined(separator: " ")
    }

    /// The tensors that a file has for the layer: what their names begin with.
    mutating func takeSource() -> String? {
        defer { named["from"] = nil }
        return named["from"]
    }

    mutating func takeCount() -> Int? {
        guard let word = words.first, let count = Int(word), count > 0, count <= 1 << 20 else { return nil }
        words.removeFirst()
        return count
    }

    /// Whether the word is there.
    mutating func takeWord(_ word: String) -> Bool {
        guard let place = words.firstIndex(of: word) else { return false }
        words.remove(at: place)
        return true
    }

    mutating func takeNumber() -> Float? {
        guard let word = words.first, let number = Float(word), number.isFinite else { return nil }
        words.removeFirst()
        return number
    }

    private func size(_ word: String?) -> (height: Int, width: Int)? {
        guard let word else { return nil }
        let parts = word.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        guard let first = parts.first, let height = first, (0...255).contains(height) else { return nil }
        if parts.count == 1 { return (height, height) }
        guard parts.count == 2, let width = parts[1], (0...255).contains(width) else { return nil }
        return (height, width)
    }

    /// A named size; what is not understood stays, so that it is told.
    private mutating func takeSize(_ key: String) -> (height: Int, width: Int)? {
        guard let size = size(named[key]), size.height > 0, size.width > 0 else { return nil }
        named[key] = nil
        return size
    }

    var dilation: (height: Int, width: Int) {
        mutating get { takeSize("dilation") ?? (1, 1) }
    }

    var groups: Int {
        mutating get {
            guard let count = named["groups"].flatMap({ Int($0) }), count > 0 else { return 1 }
            named["groups"] = nil
            return count
        }
    }

    /// Pools move by their own size unless told otherwise, convolutions by 1. `same` pads by what the window, spread
    /// by its dilation, takes away.
    mutating func takeWindow(
        defaultStride isWindow: Bool, dilation: (height: Int, width: Int) = (1, 1)
    ) -> Window? {
        guard let window = size(words.first), window.height > 0, window.width > 0 else { return nil }
        words.removeFirst()
        let stride = takeSize("stride") ?? (isWindow ? window : (1, 1))
        var padding = Padding()
        if named["padding"] == "same" {
            named["padding"] = nil
            let vertical = (window.height - 1) * dilation.height
            let horizontal = (window.width - 1) * dilation.width
            padding = Padding(
                top: vertical / 2, left: horizontal / 2, bottom: vertical - vertical / 2,
                right: horizontal - horizontal / 2)
        } else if let pad = size(named["padding"]) {
            named["padding"] = nil
            padding = Padding(top: pad.height, left: pad.width, bottom: pad.height, right: pad.width)
        }
        return Window(
            height: window.height, width: window.width, strideHeight: stride.height,
            strideWidth: stride.width,
            padding: padding)
    }
}
