// The table of kernels of one instruction set; filled by set_*.c from the same sources, chosen in dispatch.c.
#ifndef PF_KERNEL_SET_H
#define PF_KERNEL_SET_H

#include "CPagefoldKernels.h"

typedef struct {
    const char *name;
    size_t (*convolution_scratch)(const pf_convolution *convolution);
    size_t (*convolution_forward_scratch)(const pf_convolution *convolution);
    void (*convolution_forward)(
        const pf_convolution *convolution, const float *x, const float *w, const float *bias, float *y,
        uint8_t *argmax, void *scratch
    );
    void (*convolution_backward)(
        const pf_convolution *convolution, const float *x, const float *w, const float *y,
        const uint8_t *argmax, const float *dy, float *dx, float *dw, float *db, int32_t squared,
        void *scratch
    );
    size_t (*dense_scratch)(const pf_dense *dense);
    void (*dense_forward)(
        const pf_dense *dense, const float *x, const float *w, const float *bias, float *y, void *scratch
    );
    void (*dense_backward)(
        const pf_dense *dense, const float *x, const float *w, const float *y, const float *dy, float *dx,
        float *dw, float *db, int32_t squared, void *scratch
    );
    void (*max_pool_forward)(const pf_window *window, const float *x, float *y, uint16_t *argmax);
    void (*max_pool_backward)(const pf_window *window, const uint16_t *argmax, const float *dy, float *dx);
    void (*average_pool_forward)(const pf_window *window, const float *x, float *y);
    void (*average_pool_backward)(const pf_window *window, const float *dy, float *dx);
    void (*global_average_pool_forward)(int32_t channels, int32_t spatial, const float *x, float *y);
    void (*global_average_pool_backward)(int32_t channels, int32_t spatial, const float *dy, float *dx);
    void (*activation_forward)(int32_t activation, float alpha, size_t count, const float *x, float *y);
    void (*activation_backward)(
        int32_t activation, float alpha, size_t count, const float *y, const float *dy, float *dx
    );
    void (*bias_forward)(int32_t channels, int32_t spatial, const float *x, const float *bias, float *y);
    void (*bias_backward)(int32_t channels, int32_t spatial, const float *dy, float *db, int32_t squared);
    void (*add)(size_t count, const float *a, const float *b, float *y);
    void (*add_into)(size_t count, float *y, const float *x);
    void (*dropout_forward)(
        size_t count, float rate, uint64_t seed, uint64_t counter, const float *x, float *y
    );
    void (*dropout_backward)(
        size_t count, float rate, uint64_t seed, uint64_t counter, const float *dy, float *dx
    );
    void (*batch_norm_forward_training)(
        int32_t channels, int32_t spatial, int32_t lanes, float epsilon, const float *x, const float *gamma,
        const float *beta, float *y, float *mean, float *variance
    );
    void (*batch_norm_backward_training)(
        int32_t channels, int32_t spatial, int32_t lanes, float epsilon, const float *x, const float *gamma,
        const float *mean, const float *variance, const float *dy, float *dx, float *dgamma, float *dbeta
    );
    void (*batch_norm_inference)(
        int32_t channels, int32_t spatial, float epsilon, const float *x, const float *gamma,
        const float *beta, const float *mean, const float *variance, float *y
    );
    void (*batch_norm_inference_backward)(
        int32_t channels, int32_t spatial, float epsilon, const float *x, const float *gamma,
        const float *mean, const float *variance, const float *dy, float *dx, float *dgamma, float *dbeta,
        int32_t squared
    );
    void (*softmax_forward)(int32_t classes, const float *x, float *y);
    void (*cross_entropy)(
        int32_t classes, int32_t lanes, const float *logits, const int32_t *labels,
        const float *teacher_logits, float temperature, float label_weight, float teacher_weight, float scale,
        float *dlogits, float *loss
    );
    void (*adam)(
        size_t count, float *w, const float *g, float *m, float *v, float learning_rate, float beta1,
        float beta2, float epsilon, float correction1, float correction2
    );
    void (*reduce)(size_t count, const float *const *partials, int32_t n, float *out);
    void (*round_weights)(size_t count, const float *w, int32_t format, float quantum, float *out);
    void (*insertion_costs)(
        size_t count, const int32_t *frames, size_t stride, const float *fisher, const float *weights,
        const float *frame_fisher, const float *frame_mean, float *costs
    );
    size_t (*single_convolution_scratch)(const pf_convolution *convolution);
    void (*single_convolution)(
        const pf_convolution *convolution, const pf_paged_weights *w, int64_t weights, int64_t scale,
        int64_t bias, const float *x, float *y, void *scratch
    );
    void (*single_dense)(
        const pf_dense *dense, const pf_paged_weights *w, int64_t weights, int64_t scale, int64_t bias,
        const float *x, float *y
    );
    void (*single_activation)(int32_t activation, float alpha, size_t count, const float *x, float *y);
    void (*single_softmax)(int32_t classes, const float *x, float *y);
    void (*gather_weights)(const pf_paged_weights *w, int64_t offset, int64_t count, float *out);
    void (*gather_rows)(
        const pf_paged_weights *w, int64_t offset, int64_t scale, int64_t rows, int64_t length, float *out
    );
    void (*transpose_block)(int32_t samples, size_t features, const float *const *rows, float *block);
    void (*untranspose_block)(int32_t samples, size_t features, const float *block, float *const *rows);
} pf_kernel_set;

extern const pf_kernel_set pf_baseline_set;
#if defined(__x86_64__)
extern const pf_kernel_set pf_avx2_set;
extern const pf_kernel_set pf_avx512_set;
#endif

#endif
