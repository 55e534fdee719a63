// Programs with a number changed, for tests of what engines do with what `validate` lets pass. Not a test itself.

public import PagefoldCore

extension Program {
    /// Changes one number of a step or of a value as a forged file may: `validate` may or may not accept it.
    public mutating func forge(_ random: inout RandomSource) {
        let step = random.below(steps.count)
        let small = UInt8(random.below(5))
        let any = UInt8(random.below(256))
        switch random.below(20) {
        case 0: steps[step].kernelHeight = small
        case 1: steps[step].kernelWidth = any
        case 2: steps[step].strideHeight = small
        case 3: steps[step].strideWidth = any
        case 4: steps[step].padTop = small
        case 5: steps[step].padLeft = any
        case 6: steps[step].dilationHeight = any
        case 7: steps[step].dilationWidth = small
        case 8: steps[step].groups = UInt16(random.below(6))
        case 9: steps[step].weights = UInt32(random.below(weightCount + 2))
        case 10: steps[step].bias = random.below(2) == 0 ? Step.none32 : UInt32(random.below(weightCount + 2))
        case 11: values[random.below(values.count)].height = 1 + random.below(9)
        case 12: values[random.below(values.count)].width = 1 + random.below(9)
        case 13: steps[step].mode = UInt8(random.below(9))
        case 14: steps[step].axis = UInt8(random.below(4))
        case 15: steps[step].start = Int32(random.below(41)) - 20
        case 16: steps[step].pace = [0, 1, -1, 3, .max, .min][random.below(6)]
        case 17: steps[step].rows = UInt32(random.below(30))
        case 18: steps[step].beta = [0, 1, -3.5, 1e5][random.below(4)]
        default: logits = random.below(values.count)
        }
    }

    /// Whether plain code runs it in a moment.
    public var isSmall: Bool {
        values.allSatisfy { $0.count < 5_000 }
            && steps.allSatisfy {
                Int($0.kernelHeight) * Int($0.kernelWidth) * values[Int($0.output)].count < 200_000
            }
    }
}
