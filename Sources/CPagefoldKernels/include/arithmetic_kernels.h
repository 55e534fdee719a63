// Kernels that take numbers one by one or two by two, repeat sides of 1, or go along an axis: part of CPagefoldKernels.h,
// which says how values lie. A place has 16 floats in a block and one in a sample.
#ifndef PF_ARITHMETIC_KERNELS_H
#define PF_ARITHMETIC_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    PF_ADD,
    PF_SUBTRACT,
    PF_MULTIPLY,
    PF_DIVIDE,
    PF_MAXIMUM,
    PF_MINIMUM,
    PF_POWER,
    PF_LESS,
    PF_EQUAL,
    PF_MASK
} pf_arithmetic_kind;

/// The axes of y, and how far apart in x and in second neighbours along each of them lie, in places: 0 where one place is
/// repeated.
typedef struct {
    int64_t size[3], x_step[3], second_step[3];
    int32_t kind;  // pf_arithmetic_kind
} pf_arithmetic;

/// unit: floats of a place, 16 or 1.
void pf_arithmetic_forward(
    const pf_arithmetic *arithmetic, int64_t unit, const float *x, const float *second, float *y
);
/// Of blocks. to_second: dx is the gradient of the second operand, else of the first; it is overwritten. The first operand
/// has the gradient of equal numbers in maximum and minimum. Comparisons give 0.
void pf_arithmetic_backward(
    const pf_arithmetic *arithmetic, int32_t to_second, const float *x, const float *second, const float *dy,
    float *dx
);

/// Function, in its order.
typedef enum {
    PF_EXPONENTIAL,
    PF_LOGARITHM,
    PF_SQUARE_ROOT,
    PF_RECIPROCAL,
    PF_ABSOLUTE,
    PF_SQUARE,
    PF_FLOOR,
    PF_CEILING,
    PF_ROUND,
    PF_SIGN,
    PF_ERROR_FUNCTION,
    PF_GELU,
    PF_GELU_TANH,
    PF_SILU,
    PF_HARD_SWISH,
    PF_HARD_SIGMOID,
    PF_ELU,
    PF_SOFTPLUS,
    PF_SOFTSIGN,
    PF_MISH,
    PF_RAISED,
    PF_AFFINE
} pf_function_kind;

/// count: floats.
void pf_function_forward(int32_t function, float alpha, float beta, size_t count, const float *x, float *y);
/// dx is overwritten.
void pf_function_backward(
    int32_t function, float alpha, float beta, size_t count, const float *x, const float *dy, float *dx
);

/// x above zero, the channel's slope times x below. [channels][spatial][16]
void pf_parametric_relu_forward(
    int32_t channels, int32_t spatial, const float *x, const float *slope, float *y
);
/// dx is overwritten (NULL: not wanted), dslope added to; squared as in pf_convolution_backward.
void pf_parametric_relu_backward(
    int32_t channels, int32_t spatial, const float *x, const float *slope, const float *dy, float *dx,
    float *dslope, int32_t squared
);

/// y[i] has number i in all 16 lanes.
void pf_constant_block(size_t count, const float *numbers, float *y);

/// Lines of `length` places, `pace` floats apart, `outer` times; each float of a place has a line of its own.
typedef struct {
    int64_t outer, length, pace;
    int32_t is_logarithm;
} pf_softmax_axis;

void pf_softmax_axis_forward(const pf_softmax_axis *softmax, const float *x, float *y);
/// dx is overwritten.
void pf_softmax_axis_backward(const pf_softmax_axis *softmax, const float *y, const float *dy, float *dx);

#ifdef __cplusplus
}
#endif

#endif
