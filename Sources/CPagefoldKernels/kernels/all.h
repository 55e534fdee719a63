// Every kernel for one instruction set, and the table of them. The including file defines PF_WIDTH (floats in
// a register), PF_REGISTERS and PF_SET (the table's name).
#include "../kernel_set.h"
#include "../number_table.h"
#include "vector.h"

#include "elementary.h"

#include "product.h"

#include "convolution_geometry.h"

#include "convolution_forward.h"
#include "convolution_inputs.h"
#include "convolution_weights.h"

#include "convolution_backward.h"
#include "dense.h"
#include "elementwise.h"
#include "loss.h"
#include "matching.h"
#include "normalisation.h"
#include "pooling.h"

#include "movement.h"

#include "arithmetic.h"

#include "functions.h"

#include "matrix_product.h"

#include "recurrent.h"

#include "recurrent_backward.h"

#include "widening.h"

#include "rounding.h"

#include "paged_weights.h"

#include "gather.h"

#include "single_convolution.h"
#include "single_dense.h"
#include "single_elementwise.h"
#include "single_pooling.h"

#include "embedding.h"
#include "single_channels.h"
#include "single_recurrent.h"

const pf_kernel_set PF_SET = {
    .name = PF_SET_NAME,
    .single_convolution_scratch = pf_set_single_convolution_scratch,
#define PF_KERNEL(result, name, parameters, arguments) .name = pf_set_##name,
#include "../kernel_list.h"
#undef PF_KERNEL
};
