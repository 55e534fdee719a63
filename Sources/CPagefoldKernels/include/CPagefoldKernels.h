// Compute kernels on one block of 16 samples, forward beside backward, and the pool of threads that runs
// blocks. It knows no graph, no pages and no optimiser state: the caller owns every buffer.
//
// Layout: activations are [channel][height][width][16] float32 (dense: [feature][16]), 64-byte aligned; the
// last axis is the sample ("lane"). Weights are plain row-major float32 with no alignment, read in place. A
// vector below is 16 floats, one for each lane. Nothing here allocates; scratch is 64-byte aligned and
// belongs to one call.
#ifndef CPAGEFOLDKERNELS_H
#define CPAGEFOLDKERNELS_H

#include "arithmetic_kernels.h"
#include "movement_kernels.h"
#include "number_formats.h"
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Activation after a bias; each is non-decreasing, so that a max-pool commutes with it (`alpha` must be >=
/// 0).
typedef enum { PF_NONE, PF_RELU, PF_RELU6, PF_LEAKY_RELU, PF_SIGMOID, PF_TANH, PF_CLIP } pf_activation;

/// Name of the instruction set in use: "avx512", "avx2" or "baseline" (NEON on arm64). PAGEFOLD_ISA patches
/// it.
const char *pf_instruction_set(void);
/// For tests: the calling thread uses the set of this name from now on; NULL: the usual one again. Returns 0,
/// and changes nothing, when this machine lacks it.
int32_t pf_choose_instruction_set(const char *name);

// ---- Convolution, with bias, activation and 2x2 max-pool fused ----

typedef struct {
    int32_t channels_in, height_in, width_in;     // of x
    int32_t channels_out, height_out, width_out;  // of the convolution's output, before pooling
    int32_t kernel_h, kernel_w, stride_h, stride_w;
    int32_t pad_top, pad_left;  // bottom and right padding follow from the sizes
    int32_t groups;
    int32_t dilation_h, dilation_w;  // 1: none
    int32_t activation;              // pf_activation, after the bias
    float alpha;                     // slope of the leaky ReLU, or lower bound of the clip
    int32_t pool;                    // 0, or 2: a 2x2 stride-2 max-pool (VALID, floor) after all
    float beta;                      // upper bound of the clip
} pf_convolution;

/// Bytes of 64-byte aligned scratch that one forward or backward call needs.
size_t pf_convolution_scratch(const pf_convolution *convolution);
/// The same for those who only go forward: nothing but the padded input.
size_t pf_convolution_forward_scratch(const pf_convolution *convolution);

/// y: [channels_out][height_out][width_out][16], argmax NULL; when pooled [channels_out][height_out/2]
/// [width_out/2][16], and argmax (same shape, 0..3, first maximum wins) may be NULL for inference.
/// w: [channels_out][channels_in/groups][kernel_h][kernel_w]; bias: [channels_out] or NULL.
void pf_convolution_forward(
    const pf_convolution *convolution, const float *x, const float *w, const float *bias, float *y,
    uint8_t *argmax, void *scratch
);

/// dy is the gradient of y. dx is overwritten (NULL: not wanted); dw and db (may be NULL) are added to.
/// squared != 0: the gradient of each lane is squared before the lanes are summed (the diagonal Fisher); dx
/// as usual.
void pf_convolution_backward(
    const pf_convolution *convolution, const float *x, const float *w, const float *y, const uint8_t *argmax,
    const float *dy, float *dx, float *dw, float *db, int32_t squared, void *scratch
);

// ---- Dense ----

typedef struct {
    int32_t features_in, features_out;
    int32_t activation;
    float alpha, beta;
} pf_dense;

/// Bytes of 64-byte aligned scratch that one forward or backward call needs.
size_t pf_dense_scratch(const pf_dense *dense);
/// x: [features_in][16], w: [features_out][features_in], bias: [features_out] or NULL, y: [features_out][16].
void pf_dense_forward(
    const pf_dense *dense, const float *x, const float *w, const float *bias, float *y, void *scratch
);
/// As pf_convolution_backward.
void pf_dense_backward(
    const pf_dense *dense, const float *x, const float *w, const float *y, const float *dy, float *dx,
    float *dw, float *db, int32_t squared, void *scratch
);

// ---- Pooling ----

typedef struct {
    int32_t channels, height_in, width_in, height_out, width_out;
    int32_t kernel_h, kernel_w, stride_h, stride_w, pad_top, pad_left;
} pf_window;

/// argmax: index into the window (row-major), of y's shape; the first maximum wins, padding never does.
void pf_max_pool_forward(const pf_window *window, const float *x, float *y, uint16_t *argmax);
/// dx is overwritten.
void pf_max_pool_backward(const pf_window *window, const uint16_t *argmax, const float *dy, float *dx);
/// The mean over the window; padding is not counted.
void pf_average_pool_forward(const pf_window *window, const float *x, float *y);
void pf_average_pool_backward(const pf_window *window, const float *dy, float *dx);
/// x: [channels][spatial][16] to y: [channels][16].
void pf_global_average_pool_forward(int32_t channels, int32_t spatial, const float *x, float *y);
void pf_global_average_pool_backward(int32_t channels, int32_t spatial, const float *dy, float *dx);

// ---- Element-wise ----

/// count: number of vectors. y may be x.
void pf_activation_forward(int32_t activation, float alpha, float beta, size_t count, const float *x, float *y);
/// dx = dy times the derivative, taken from the output y. dx may be dy.
void pf_activation_backward(
    int32_t activation, float alpha, float beta, size_t count, const float *y, const float *dy, float *dx
);
/// y = x + bias of its channel; y may be x.
void pf_bias_forward(int32_t channels, int32_t spatial, const float *x, const float *bias, float *y);
/// db is added to; squared as in pf_convolution_backward.
void pf_bias_backward(int32_t channels, int32_t spatial, const float *dy, float *db, int32_t squared);
/// y = a + b over `count` floats, of blocks or of one sample.
void pf_add(size_t count, const float *a, const float *b, float *y);
/// y = a times b, likewise.
void pf_multiply(size_t count, const float *a, const float *b, float *y);
/// y += x over `count` floats.
void pf_add_into(size_t count, float *y, const float *x);
/// Inverted dropout over `count` vectors. The mask is a hash of (seed, counter, index): the same for both
/// passes.
void pf_dropout_forward(size_t count, float rate, uint64_t seed, uint64_t counter, const float *x, float *y);
void pf_dropout_backward(
    size_t count, float rate, uint64_t seed, uint64_t counter, const float *dy, float *dx
);

// ---- Batch normalisation (statistics of one block: ghost batch normalisation) ----

/// x, y: [channels][spatial][16]; mean, variance (biased): [channels], over the first `lanes` samples.
void pf_batch_norm_forward_training(
    int32_t channels, int32_t spatial, int32_t lanes, float epsilon, const float *x, const float *gamma,
    const float *beta, float *y, float *mean, float *variance
);
/// dx is overwritten (lanes beyond `lanes`: 0), dgamma and dbeta are added to.
void pf_batch_norm_backward_training(
    int32_t channels, int32_t spatial, int32_t lanes, float epsilon, const float *x, const float *gamma,
    const float *mean, const float *variance, const float *dy, float *dx, float *dgamma, float *dbeta
);
/// The same with given statistics.
void pf_batch_norm_inference(
    int32_t channels, int32_t spatial, float epsilon, const float *x, const float *gamma, const float *beta,
    const float *mean, const float *variance, float *y
);
/// The statistics are constants here; dx may be NULL; squared as in pf_convolution_backward.
void pf_batch_norm_inference_backward(
    int32_t channels, int32_t spatial, float epsilon, const float *x, const float *gamma, const float *mean,
    const float *variance, const float *dy, float *dx, float *dgamma, float *dbeta, int32_t squared
);

// ---- Softmax and loss ----

/// x, y: [classes][16]; stable. y may be x.
void pf_softmax_forward(int32_t classes, const float *x, float *y);
/// Loss of each lane on logits [classes][16]:
/// label_weight * CE(label) + teacher_weight * T^2 * KL(softmax(teacher / T) || softmax(logits / T)).
/// labels: [16], -1 for none: then the teacher gets the label's weight as well; teacher_logits may be NULL. dlogits is the gradient times `scale`; lanes >=
/// `lanes` get 0 in dlogits and in loss [16] (which is not scaled).
void pf_cross_entropy(
    int32_t classes, int32_t lanes, const float *logits, const int32_t *labels, const float *teacher_logits,
    float temperature, float label_weight, float teacher_weight, float scale, float *dlogits, float *loss
);

// ---- Weights ----

/// One step of Adam (Kingma & Ba 2015, algorithm 1). correction1 = 1 - beta1^t, correction2 = 1 - beta2^t.
void pf_adam(
    size_t count, float *w, const float *g, float *m, float *v, float learning_rate, float beta1, float beta2,
    float epsilon, float correction1, float correction2
);
/// out[i] = partials[0][i] + partials[1][i] + ... in that order, whatever the number of threads.
void pf_reduce(size_t count, const float *const *partials, int32_t n, float *out);

// ---- Narrow weights ----

/// The row of a format in the table of number_formats.h; NULL for a number that is none.
const pf_number_traits *pf_traits_of(int32_t format);

/// out[i] = the number nearest to w[i] that a frame of this format and quantum holds. out may be w.
void pf_round_weights(size_t count, const float *w, int32_t format, float quantum, float *out);

// ---- Matching ----

/// costs[i] = the second-order loss that a page adds to frame frames[i] (frame i where frames is NULL), for `count`
/// frames: the sum over `stride` positions of F1 F2 / (F1 + F2) (w1 - w2)^2, with F2 and w2 the frame's Fisher sum
/// and mean at [frame][stride]. stride: a multiple of 16; no value negative or above 1e20 among the Fisher values.
void pf_insertion_costs(
    size_t count, const int32_t *frames, size_t stride, const float *fisher, const float *weights,
    const float *frame_fisher, const float *frame_mean, float *costs
);

// ---- One sample, weights in place behind a page table ----
//
// Activations are [channel][height][width] float32 without alignment.

/// Frames one behind the other, as a section of a fold file holds them (docs/format.md, "Frames"). Eight bytes behind
/// the codes of the last frame may be read.
typedef struct {
    const void *codes;  // [frames][stride]
    const void *quanta;  // float16, one a frame; of no meaning where the format has none
    int64_t stride;     // bytes from frame to frame
    int32_t format;     // pf_number_format
} pf_frames;

/// A network's flat vector of weights as a fold file holds it (docs/format.md). Checked by whoever fills it in.
typedef struct {
    pf_frames pool, exclusive;
    const void *tail;   // the weights behind the paged ones
    const void *table;  // for each page a frame, or `frames` plus an exclusive page; three bytes behind may be read
    const void *patch_indices;   // rising numbers of blocks of patch_size weights; a block lies in one page
    const void *patch_values;  // [patch_count][patch_size]
    int64_t paged;                 // weights that go through the table
    int32_t page_size, frames;
    int32_t entry_bits;  // 1 to 25, of an entry of the table
    int32_t patch_count, patch_size;
    int32_t patch_bytes;  // 2 or 4, of a block's number
    int32_t vector_format;   // pf_number_format of tail and patch_values
} pf_paged_weights;

/// Floats behind the input of a convolution or a pool that may be read (and are of no consequence).
enum { PF_SINGLE_SLACK = 64 };

/// Bytes of 64-byte aligned scratch that pf_single_convolution needs, whatever the instruction set of the thread.
size_t pf_single_convolution_scratch(const pf_convolution *convolution);
/// Convolution, scale, bias, 2x2 max-pool, activation. Offsets into the flat vector; scale and bias, one number for each
/// output channel, may be -1 for none. x and y do not overlap. Rows of weights that lie together are read in place,
/// others through a few KiB of scratch.
void pf_single_convolution(
    const pf_convolution *convolution, const pf_paged_weights *w, int64_t weights, int64_t scale, int64_t bias,
    const float *x, float *y, void *scratch
);
/// All weights are read in place.
void pf_single_dense(
    const pf_dense *dense, const pf_paged_weights *w, int64_t weights, int64_t scale, int64_t bias,
    const float *x, float *y
);
/// y may be x.
void pf_single_activation(int32_t activation, float alpha, float beta, size_t count, const float *x, float *y);
/// Stable. y may be x.
void pf_single_softmax(int32_t classes, const float *x, float *y);

/// y = x + bias of its channel; bias: the offset of the first.
void pf_single_bias(
    int32_t channels, int32_t spatial, const pf_paged_weights *w, int64_t bias, const float *x, float *y
);
/// With stored statistics. weights: the offset of gamma, which beta, mean and variance follow.
void pf_single_batch_norm(
    int32_t channels, int32_t spatial, float epsilon, const pf_paged_weights *w, int64_t weights, const float *x,
    float *y
);
/// As their kin on blocks. PF_SINGLE_SLACK floats behind x may be read.
void pf_single_max_pool(const pf_window *window, const float *x, float *y);
void pf_single_average_pool(const pf_window *window, const float *x, float *y);
void pf_single_global_average_pool(int32_t channels, int32_t spatial, const float *x, float *y);

/// Copies `count` weights from an offset of the flat vector.
void pf_gather_weights(const pf_paged_weights *w, int64_t offset, int64_t count, float *out);
/// Copies `rows` rows of `length` weights from an offset of the flat vector, each times its scale; scale: the offset of
/// the first row's, -1 for none.
void pf_gather_rows(
    const pf_paged_weights *w, int64_t offset, int64_t scale, int64_t rows, int64_t length, float *out
);

/// Parametric ReLU of one sample; slope is an offset into the flat vector.
void pf_single_parametric_relu(
    int32_t channels, int32_t spatial, const pf_paged_weights *w, int64_t slope, const float *x, float *y
);

// Of tables and layers that go through time, on blocks and on one sample.
#include "sequence_kernels.h"

// ---- Blocks ----

/// rows: `samples` (<= 16) pointers to `features` floats; block: [features][16], missing lanes 0.
void pf_transpose_block(int32_t samples, size_t features, const float *const *rows, float *block);
/// The inverse: writes `samples` rows.
void pf_untranspose_block(int32_t samples, size_t features, const float *block, float *const *rows);

// ---- Threads ----

/// Threads that take tickets one by one: no thread waits for a slow neighbour until the last
/// ticket.
typedef struct pf_workers pf_workers;

/// threads >= 1, the caller included; fewer when the system refuses. NULL when out of memory.
pf_workers *pf_workers_create(int32_t threads);
/// How many threads take part, the caller included.
int32_t pf_workers_threads(const pf_workers *crew);
/// Calls work(context, ticket, thread) once for each ticket in 0..<tickets; the caller is thread 0. Returns
/// when all are done. One run at a time; not from within work.
void pf_workers_run(
    pf_workers *crew, int32_t tickets, void (*work)(void *context, int32_t ticket, int32_t thread), void *context
);
void pf_workers_destroy(pf_workers *crew);

#ifdef __cplusplus
}
#endif

#endif
