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

#include "widening.h"

#include "rounding.h"

#include "paged_weights.h"

#include "gather.h"

#include "single_convolution.h"
#include "single_dense.h"

const pf_kernel_set PF_SET = {
    .name = PF_SET_NAME,
    .convolution_scratch = pf_set_convolution_scratch,
    .convolution_forward_scratch = pf_set_convolution_forward_scratch,
    .convolution_forward = pf_set_convolution_forward,
    .convolution_backward = pf_set_convolution_backward,
    .dense_scratch = pf_set_dense_scratch,
    .dense_forward = pf_set_dense_forward,
    .dense_backward = pf_set_dense_backward,
    .max_pool_forward = pf_set_max_pool_forward,
    .max_pool_backward = pf_set_max_pool_backward,
    .average_pool_forward = pf_set_average_pool_forward,
    .average_pool_backward = pf_set_average_pool_backward,
    .global_average_pool_forward = pf_set_global_average_pool_forward,
    .global_average_pool_backward = pf_set_global_average_pool_backward,
    .activation_forward = pf_set_activation_forward,
    .activation_backward = pf_set_activation_backward,
    .bias_forward = pf_set_bias_forward,
    .bias_backward = pf_set_bias_backward,
    .add = pf_set_add,
    .add_into = pf_set_add_into,
    .dropout_forward = pf_set_dropout,
    .dropout_backward = pf_set_dropout,
    .batch_norm_forward_training = pf_set_batch_norm_forward_training,
    .batch_norm_backward_training = pf_set_batch_norm_backward_training,
    .batch_norm_inference = pf_set_batch_norm_inference,
    .batch_norm_inference_backward = pf_set_batch_norm_inference_backward,
    .single_convolution_scratch = pf_set_single_convolution_scratch,
    .single_convolution = pf_set_single_convolution,
    .single_dense = pf_set_single_dense,
    .single_activation = pf_set_single_activation,
    .single_softmax = pf_set_single_softmax,
    .gather_weights = pf_set_gather_weights,
    .gather_rows = pf_set_gather_rows,
    .softmax_forward = pf_set_softmax_forward,
    .cross_entropy = pf_set_cross_entropy,
    .adam = pf_set_adam,
    .reduce = pf_set_reduce,
    .round_weights = pf_set_round_weights,
    .insertion_costs = pf_set_insertion_costs,
    .transpose_block = pf_set_transpose_block,
    .untranspose_block = pf_set_untranspose_block,
};
