// The shapes that kernels of weighted layers are told, from a step: for blocks of 16 samples and for one sample alike.

package import CPagefoldKernels
package import PagefoldCore

extension pf_convolution {
    /// - Parameter isPooled: a 2×2 max-pool is computed together with it (`Program.fusedPools`).
    package init(_ step: Step, of program: Program, isPooled: Bool) {
        let x = program.values[Int(step.input)]
        let y = program.values[Int(step.output)]
        self.init(
            channels_in: Int32(x.channels), height_in: Int32(x.height), width_in: Int32(x.width),
            channels_out: Int32(y.channels), height_out: Int32(y.height), width_out: Int32(y.width),
            kernel_h: Int32(step.kernelHeight), kernel_w: Int32(step.kernelWidth),
            stride_h: Int32(step.strideHeight), stride_w: Int32(step.strideWidth),
            pad_top: Int32(step.padTop), pad_left: Int32(step.padLeft), groups: Int32(step.groups),
            dilation_h: Int32(step.dilationHeight), dilation_w: Int32(step.dilationWidth),
            activation: Int32(step.activation.rawValue), alpha: step.alpha, pool: isPooled ? 2 : 0)
    }
}

extension pf_dense {
    package init(_ step: Step, of program: Program) {
        self.init(
            features_in: Int32(program.values[Int(step.input)].count),
            features_out: Int32(program.values[Int(step.output)].count),
            activation: Int32(step.activation.rawValue), alpha: step.alpha)
    }
}
