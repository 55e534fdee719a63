// Kernels that move numbers along the axes of a value, make one number of several, or multiply values as matrices: part of
// CPagefoldKernels.h, which says how values lie. Most sizes count floats or places, so that a kernel serves blocks, whose
// last axis has 16 samples, and one sample.
#ifndef PF_MOVEMENT_KERNELS_H
#define PF_MOVEMENT_KERNELS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The axes of y, and how far apart in x neighbours along each of them lie, in places.
typedef struct {
    int64_t size[3], step[3];
} pf_axis_order;

/// y is x with its axes in another order. unit: floats of a place, 16 or 1.
void pf_transpose_axes(const pf_axis_order *order, int64_t unit, const float *x, float *y);

/// What stands outside an axis; SliceBorder.
typedef enum { PF_BORDER_CONSTANT, PF_BORDER_REFLECT, PF_BORDER_EDGE, PF_BORDER_WRAP } pf_border;

/// Place i of each line of y is place `start + i · stride` of the line of x.
typedef struct {
    int64_t outer, length, places;  // lines; places of a line of x, and of y
    int64_t pace;                   // floats of a place
    int64_t start, stride;
    int32_t border;  // pf_border
    float number;    // of a constant border
} pf_slice;

void pf_slice_forward(const pf_slice *slice, const float *x, float *y);
/// dx is overwritten.
void pf_slice_backward(const pf_slice *slice, const float *dy, float *dx);

/// Place i of each line of y lies at `factor · i + first` of the line of x.
typedef struct {
    int64_t outer, length, places, pace;  // as of a slice
    float factor, first;
    int32_t interpolation;  // Interpolation: 0 linear, 1 floor, 2 ceiling
} pf_resize;

void pf_resize_forward(const pf_resize *resize, const float *x, float *y);
/// dx is overwritten.
void pf_resize_backward(const pf_resize *resize, const float *dy, float *dx);

/// Reduction, in its order.
typedef enum {
    PF_REDUCE_SUM,
    PF_REDUCE_MEAN,
    PF_REDUCE_MAXIMUM,
    PF_REDUCE_MINIMUM,
    PF_REDUCE_PRODUCT,
    PF_REDUCE_ARG_MAX,
    PF_REDUCE_ARG_MIN
} pf_reduction_kind;

/// One place of y for each line of x.
typedef struct {
    int64_t outer, length, pace;  // as of a slice
    int32_t kind;                 // pf_reduction_kind
} pf_reduction;

void pf_reduce_axis_forward(const pf_reduction *reduction, const float *x, float *y);
/// dx is overwritten. The first of several largest or smallest numbers has the gradient. That of a product is exact even
/// where factors are 0; that of a place is 0.
void pf_reduce_axis_backward(
    const pf_reduction *reduction, const float *x, const float *y, const float *dy, float *dx
);

/// `count` products y[rows][columns] of x[rows][inner] and second[inner][columns], whose places lie as far apart as said:
/// from one row, inner place, column and matrix to the next.
typedef struct {
    int64_t count, rows, inner, columns;
    int64_t x_row, x_inner, x_next;
    int64_t second_inner, second_column, second_next;
} pf_matrices;

/// Of blocks: a place has 16 floats.
void pf_multiply_matrices(const pf_matrices *matrices, const float *x, const float *second, float *y);
/// Of one sample. x_inner is 1, and so is second_inner or second_column.
void pf_single_multiply_matrices(const pf_matrices *matrices, const float *x, const float *second, float *y);

#ifdef __cplusplus
}
#endif

#endif
