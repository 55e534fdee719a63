// The public functions: each goes to the table of the instruction set that was chosen once. No arithmetic
// here.
#include "kernel_set.h"
#include "number_table.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Atomic(const pf_kernel_set *) pf_chosen;
// By a test, for its own thread. In the block that every thread has from its beginning: where the library is loaded by
// dlopen, a thread's first look at it would else allocate, and that is its first run.
#if defined(__ELF__)
__attribute__((tls_model("initial-exec")))
#endif
static _Thread_local const pf_kernel_set *pf_chosen_here;

/// Best first; every machine has the last.
static const char *const pf_set_names[] = {"avx512", "avx2", "baseline"};

/// The table of that name if this machine can run it, else NULL.
static const pf_kernel_set *pf_set_named(const char *name) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    int avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
    if (avx512 && strcmp(name, "avx512") == 0) return &pf_avx512_set;
    if (avx2 && strcmp(name, "avx2") == 0) return &pf_avx2_set;
#endif
    return strcmp(name, "baseline") == 0 ? &pf_baseline_set : NULL;
}

/// The best that the machine has, or what PAGEFOLD_ISA names.
static const pf_kernel_set *pf_choose(void) {
    const char *wish = getenv("PAGEFOLD_ISA");
    const pf_kernel_set *set = wish ? pf_set_named(wish) : NULL;
    if (wish && !set) fprintf(stderr, "PAGEFOLD_ISA=%s is not known or not on this machine; ignored\n", wish);
    for (size_t i = 0; !set; i++) set = pf_set_named(pf_set_names[i]);
    atomic_store_explicit(&pf_chosen, set, memory_order_release);
    return set;
}

static inline const pf_kernel_set *pf_set(void) {
    if (pf_chosen_here) return pf_chosen_here;
    const pf_kernel_set *set = atomic_load_explicit(&pf_chosen, memory_order_acquire);
    return set ? set : pf_choose();
}

const char *pf_instruction_set(void) { return pf_set()->name; }

int32_t pf_choose_instruction_set(const char *name) {
    const pf_kernel_set *set = name ? pf_set_named(name) : NULL;
    if (name && !set) return 0;
    pf_chosen_here = set;
    return 1;
}

size_t pf_convolution_scratch(const pf_convolution *convolution) {
    return pf_set()->convolution_scratch(convolution);
}

size_t pf_convolution_forward_scratch(const pf_convolution *convolution) {
    return pf_set()->convolution_forward_scratch(convolution);
}

void pf_convolution_forward(
    const pf_convolution *convolution, const float *x, const float *w, const float *bias, float *y,
    uint8_t *argmax, void *scratch
) {
    pf_set()->convolution_forward(convolution, x, w, bias, y, argmax, scratch);
}

void pf_convolution_backward(
    const pf_convolution *convolution, const float *x, const float *w, const float *y, const uint8_t *argmax,
    const float *dy, float *dx, float *dw, float *db, int32_t squared, void *scratch
) {
    pf_set()->convolution_backward(convolution, x, w, y, argmax, dy, dx, dw, db, squared, scratch);
}

size_t pf_dense_scratch(const pf_dense *dense) { return pf_set()->dense_scratch(dense); }

void pf_dense_forward(
    const pf_dense *dense, const float *x, const float *w, const float *bias, float *y, void *scratch
) {
    pf_set()->dense_forward(dense, x, w, bias, y, scratch);
}

void pf_dense_backward(
    const pf_dense *dense, const float *x, const float *w, const float *y, const float *dy, float *dx,
    float *dw, float *db, int32_t squared, void *scratch
) {
    pf_set()->dense_backward(dense, x, w, y, dy, dx, dw, db, squared, scratch);
}

void pf_max_pool_forward(const pf_window *window, const float *x, float *y, uint16_t *argmax) {
    pf_set()->max_pool_forward(window, x, y, argmax);
}

void pf_max_pool_backward(const pf_window *window, const uint16_t *argmax, const float *dy, float *dx) {
    pf_set()->max_pool_backward(window, argmax, dy, dx);
}

void pf_average_pool_forward(const pf_window *window, const float *x, float *y) {
    pf_set()->average_pool_forward(window, x, y);
}

void pf_average_pool_backward(const pf_window *window, const float *dy, float *dx) {
    pf_set()->average_pool_backward(window, dy, dx);
}

void pf_global_average_pool_forward(int32_t channels, int32_t spatial, const float *x, float *y) {
    pf_set()->global_average_pool_forward(channels, spatial, x, y);
}

void pf_global_average_pool_backward(int32_t channels, int32_t spatial, const float *dy, float *dx) {
    pf_set()->global_average_pool_backward(channels, spatial, dy, dx);
}

void pf_activation_forward(int32_t activation, float alpha, size_t count, const float *x, float *y) {
    pf_set()->activation_forward(activation, alpha, count, x, y);
}

void pf_activation_backward(
    int32_t activation, float alpha, size_t count, const float *y, const float *dy, float *dx
) {
    pf_set()->activation_backward(activation, alpha, count, y, dy, dx);
}

void pf_bias_forward(int32_t channels, int32_t spatial, const float *x, const float *bias, float *y) {
    pf_set()->bias_forward(channels, spatial, x, bias, y);
}

void pf_bias_backward(int32_t channels, int32_t spatial, const float *dy, float *db, int32_t squared) {
    pf_set()->bias_backward(channels, spatial, dy, db, squared);
}

void pf_add(size_t count, const float *a, const float *b, float *y) { pf_set()->add(count, a, b, y); }

void pf_add_into(size_t count, float *y, const float *x) { pf_set()->add_into(count, y, x); }

void pf_dropout_forward(size_t count, float rate, uint64_t seed, uint64_t counter, const float *x, float *y) {
    pf_set()->dropout_forward(count, rate, seed, counter, x, y);
}

void pf_dropout_backward(
    size_t count, float rate, uint64_t seed, uint64_t counter, const float *dy, float *dx
) {
    pf_set()->dropout_backward(count, rate, seed, counter, dy, dx);
}

void pf_batch_norm_forward_training(
    int32_t channels, int32_t spatial, int32_t lanes, float epsilon, const float *x, const float *gamma,
    const float *beta, float *y, float *mean, float *variance
) {
    pf_set()->batch_norm_forward_training(
        channels, spatial, lanes, epsilon, x, gamma, beta, y, mean, variance
    );
}

void pf_batch_norm_backward_training(
    int32_t channels, int32_t spatial, int32_t lanes, float epsilon, const float *x, const float *gamma,
    const float *mean, const float *variance, const float *dy, float *dx, float *dgamma, float *dbeta
) {
    pf_set()->batch_norm_backward_training(
        channels, spatial, lanes, epsilon, x, gamma, mean, variance, dy, dx, dgamma, dbeta
    );
}

void pf_batch_norm_inference(
    int32_t channels, int32_t spatial, float epsilon, const float *x, const float *gamma, const float *beta,
    const float *mean, const float *variance, float *y
) {
    pf_set()->batch_norm_inference(channels, spatial, epsilon, x, gamma, beta, mean, variance, y);
}

void pf_batch_norm_inference_backward(
    int32_t channels, int32_t spatial, float epsilon, const float *x, const float *gamma, const float *mean,
    const float *variance, const float *dy, float *dx, float *dgamma, float *dbeta, int32_t squared
) {
    pf_set()->batch_norm_inference_backward(
        channels, spatial, epsilon, x, gamma, mean, variance, dy, dx, dgamma, dbeta, squared
    );
}

void pf_softmax_forward(int32_t classes, const float *x, float *y) {
    pf_set()->softmax_forward(classes, x, y);
}

void pf_cross_entropy(
    int32_t classes, int32_t lanes, const float *logits, const int32_t *labels, const float *teacher_logits,
    float temperature, float label_weight, float teacher_weight, float scale, float *dlogits, float *loss
) {
    pf_set()->cross_entropy(
        classes, lanes, logits, labels, teacher_logits, temperature, label_weight, teacher_weight, scale,
        dlogits, loss
    );
}

void pf_adam(
    size_t count, float *w, const float *g, float *m, float *v, float learning_rate, float beta1, float beta2,
    float epsilon, float correction1, float correction2
) {
    pf_set()->adam(count, w, g, m, v, learning_rate, beta1, beta2, epsilon, correction1, correction2);
}

void pf_reduce(size_t count, const float *const *partials, int32_t n, float *out) {
    pf_set()->reduce(count, partials, n, out);
}

const pf_number_traits *pf_traits_of(int32_t format) {
    size_t count = sizeof pf_number_table / sizeof pf_number_table[0];
    return format >= 0 && (size_t)format < count ? &pf_number_table[format] : NULL;
}

void pf_round_weights(size_t count, const float *w, int32_t format, float quantum, float *out) {
    pf_set()->round_weights(count, w, format, quantum, out);
}

void pf_insertion_costs(
    size_t count, const int32_t *frames, size_t stride, const float *fisher, const float *weights,
    const float *frame_fisher, const float *frame_mean, float *costs
) {
    pf_set()->insertion_costs(count, frames, stride, fisher, weights, frame_fisher, frame_mean, costs);
}

size_t pf_single_convolution_scratch(const pf_convolution *convolution) {
    // A session may be run by a thread with a set of its own: there is room for each.
    size_t most = 0;
    for (size_t i = 0; i < sizeof pf_set_names / sizeof pf_set_names[0]; i++) {
        const pf_kernel_set *set = pf_set_named(pf_set_names[i]);
        size_t bytes = set ? set->single_convolution_scratch(convolution) : 0;
        if (bytes > most) most = bytes;
    }
    return most;
}

void pf_single_convolution(
    const pf_convolution *convolution, const pf_paged_weights *w, int64_t weights, int64_t scale, int64_t bias,
    const float *x, float *y, void *scratch
) {
    pf_set()->single_convolution(convolution, w, weights, scale, bias, x, y, scratch);
}

void pf_single_dense(
    const pf_dense *dense, const pf_paged_weights *w, int64_t weights, int64_t scale, int64_t bias,
    const float *x, float *y
) {
    pf_set()->single_dense(dense, w, weights, scale, bias, x, y);
}

void pf_single_activation(int32_t activation, float alpha, size_t count, const float *x, float *y) {
    pf_set()->single_activation(activation, alpha, count, x, y);
}

void pf_single_softmax(int32_t classes, const float *x, float *y) { pf_set()->single_softmax(classes, x, y); }

void pf_gather_weights(const pf_paged_weights *w, int64_t offset, int64_t count, float *out) {
    pf_set()->gather_weights(w, offset, count, out);
}

void pf_gather_rows(
    const pf_paged_weights *w, int64_t offset, int64_t scale, int64_t rows, int64_t length, float *out
) {
    pf_set()->gather_rows(w, offset, scale, rows, length, out);
}

void pf_transpose_block(int32_t samples, size_t features, const float *const *rows, float *block) {
    pf_set()->transpose_block(samples, features, rows, block);
}

void pf_untranspose_block(int32_t samples, size_t features, const float *block, float *const *rows) {
    pf_set()->untranspose_block(samples, features, block, rows);
}
