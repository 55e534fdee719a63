// Aligned memory, repeatable numbers and comparisons for the kernel tests. No kernel and no reference lives here.
import CPagefoldKernels
import Testing

/// The number of samples in a block.
let lanes = 16

/// Floats (or bytes) at an address that is a multiple of 64, freed with the object.
final class Aligned<Element: BitwiseCopyable> {
    let pointer: UnsafeMutablePointer<Element>
    let count: Int

    init(_ count: Int, of value: Element) {
        self.count = count
        let size = max(64, (count * MemoryLayout<Element>.stride + 63) / 64 * 64)
        let raw = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
        pointer = raw.bindMemory(to: Element.self, capacity: count)
        pointer.initialize(repeating: value, count: count)
    }

    convenience init(_ values: [Element], _ zero: Element) {
        self.init(values.count, of: zero)
        for i in 0..<count { pointer[i] = values[i] }
    }

    deinit { pointer.deallocate() }

    var array: [Element] { Array(UnsafeBufferPointer(start: pointer, count: count)) }

    subscript(index: Int) -> Element {
        get { pointer[index] }
        set { pointer[index] = newValue }
    }
}

typealias Floats = Aligned<Float>

extension Aligned where Element == Float {
    convenience init(_ count: Int) { self.init(count, of: 0) }

    /// `count` numbers evenly spread in -scale..<scale, the same for the same seed.
    convenience init(random count: Int, seed: UInt64, scale: Float = 1) {
        self.init(count, of: 0)
        var numbers = Numbers(seed: seed)
        for i in 0..<count { pointer[i] = numbers.next() * scale }
    }
}

/// SplitMix64 as floats in -1..<1.
struct Numbers {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> Float {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return Float((z ^ (z >> 31)) >> 40) / Float(1 << 23) - 1
    }
}

/// The instruction sets that this machine can run.
let instructionSets: [String] = {
    defer { _ = pf_choose_instruction_set(nil) }
    return ["avx512", "avx2", "baseline"].filter { pf_choose_instruction_set($0) == 1 }
}()

/// Runs `body` with one instruction set on the present thread.
func with<Result>(_ instructionSet: String, _ body: () throws -> Result) rethrows -> Result {
    #expect(pf_choose_instruction_set(instructionSet) == 1)
    defer { _ = pf_choose_instruction_set(nil) }
    return try body()
}

/// The largest difference, relative to the largest expected value.
func error(_ values: Floats, _ expected: [Double]) -> Double {
    var largest = 1e-6
    var difference = values.count == expected.count ? 0 : Double.infinity
    for (i, e) in expected.enumerated() where i < values.count {
        largest = max(largest, abs(e))
        let d = abs(Double(values[i]) - e)
        difference = d.isNaN ? .infinity : max(difference, d)
    }
    return difference / largest
}

/// Lends so many bytes of scratch, filled with a number that would show up in any result it leaked into.
func withScratch(_ bytes: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
    let memory = Floats(bytes / 4, of: 1e30)
    withExtendedLifetime(memory) { body(memory.pointer) }
}

/// An activation in double precision, and its derivative from the output.
func activate(_ activation: pf_activation, _ alpha: Float, _ x: Double) -> Double {
    switch activation {
    case PF_RELU: max(0, x)
    case PF_RELU6: min(6, max(0, x))
    case PF_LEAKY_RELU: x > 0 ? x : x * Double(alpha)
    case PF_SIGMOID: 1 / (1 + exponential(-x))
    case PF_TANH: 1 - 2 / (1 + exponential(2 * x))
    case PF_CLIP: min(Double(upperBound), max(Double(alpha), x))
    default: x
    }
}

func derivative(_ activation: pf_activation, _ alpha: Float, _ y: Double) -> Double {
    switch activation {
    case PF_RELU: y > 0 ? 1 : 0
    case PF_RELU6: y > 0 && y < 6 ? 1 : 0
    case PF_LEAKY_RELU: y > 0 ? 1 : Double(alpha)
    case PF_SIGMOID: y * (1 - y)
    case PF_TANH: 1 - y * y
    case PF_CLIP: y > Double(alpha) && y < Double(upperBound) ? 1 : 0
    default: 1
    }
}

let activations = [PF_NONE, PF_RELU, PF_RELU6, PF_LEAKY_RELU, PF_SIGMOID, PF_TANH, PF_CLIP]
/// Of the clip in all tests; its lower bound is alpha.
let upperBound: Float = 0.7
