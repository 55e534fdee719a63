// Every kernel once: PF_KERNEL(result, name, parameters, arguments). The table of an instruction set, the public
// functions and the filling of the table follow from it; the including file says how. What each computes is said in
// CPagefoldKernels.h.
PF_KERNEL(size_t, convolution_scratch, (const pf_convolution *convolution), (convolution))
PF_KERNEL(size_t, convolution_forward_scratch, (const pf_convolution *convolution), (convolution))
PF_KERNEL(
    void, convolution_forward,
    (const pf_convolution *convolution, const float *x, const float *w, const float *bias, float *y,
     uint8_t *argmax, void *scratch),
    (convolution, x, w, bias, y, argmax, scratch)
)
PF_KERNEL(
    void, convolution_backward,
    (const pf_convolution *convolution, const float *x, const float *w, const float *y,
     const uint8_t *argmax, const float *dy, float *dx, float *dw, float *db, int32_t squared,
     void *scratch),
    (convolution, x, w, y, argmax, dy, dx, dw, db, squared, scratch)
)
PF_KERNEL(size_t, dense_scratch, (const pf_dense *dense), (dense))
PF_KERNEL(
    void, dense_forward,
    (const pf_dense *dense, const float *x, const float *w, const float *bias, float *y, void *scratch),
    (dense, x, w, bias, y, scratch)
)
PF_KERNEL(
    void, dense_backward,
    (const pf_dense *dense, const float *x, const float *w, const float *y, const float *dy, float *dx,
     float *dw, float *db, int32_t squared, void *scratch),
    (dense, x, w, y, dy, dx, dw, db, squared, scratch)
)
PF_KERNEL(
    void, max_pool_forward,
    (const pf_window *window, const float *x, float *y, uint16_t *argmax),
    (window, x, y, argmax)
)
PF_KERNEL(
    void, max_pool_backward,
    (const pf_window *window, const uint16_t *argmax, const float *dy, float *dx),
    (window, argmax, dy, dx)
)
PF_KERNEL(void, average_pool_forward, (const pf_window *window, const float *x, float *y), (window, x, y))
PF_KERNEL(
    void, average_pool_backward,
    (const pf_window *window, const float *dy, float *dx),
    (window, dy, dx)
)
PF_KERNEL(
    void, global_average_pool_forward,
    (int32_t channels, int32_t spatial, const float *x, float *y),
    (channels, spatial, x, y)
)
PF_KERNEL(
    void, global_average_pool_backward,
    (int32_t channels, int32_t spatial, const float *dy, float *dx),
    (channels, spatial, dy, dx)
)
PF_KERNEL(
    void, activation_forward,
    (int32_t activation, float alpha, float beta, size_t count, const float *x, float *y),
    (activation, alpha, beta, count, x, y)
)
PF_KERNEL(
    void, activation_backward,
    (int32_t activation, float alpha, float beta, size_t count, const float *y, const float *dy, float *dx),
    (activation, alpha, beta, count, y, dy, dx)
)
PF_KERNEL(
    void, bias_forward,
    (int32_t channels, int32_t spatial, const float *x, const float *bias, float *y),
    (channels, spatial, x, bias, y)
)
PF_KERNEL(
    void, bias_backward,
    (int32_t channels, int32_t spatial, const float *dy, float *db, int32_t squared),
    (channels, spatial, dy, db, squared)
)
PF_KERNEL(void, add, (size_t count, const float *a, const float *b, float *y), (count, a, b, y))
PF_KERNEL(void, multiply, (size_t count, const float *a, const float *b, float *y), (count, a, b, y))
PF_KERNEL(void, add_into, (size_t count, float *y, const float *x), (count, y, x))
PF_KERNEL(
    void, dropout_forward,
    (size_t count, float rate, uint64_t seed, uint64_t counter, const float *x, float *y),
    (count, rate, seed, counter, x, y)
)
PF_KERNEL(
    void, dropout_backward,
    (size_t count, float rate, uint64_t seed, uint64_t counter, const float *dy, float *dx),
    (count, rate, seed, counter, dy, dx)
)
PF_KERNEL(
    void, batch_norm_forward_training,
    (int32_t channels, int32_t spatial, int32_t lanes, float epsilon, const float *x, const float *gamma,
     const float *beta, float *y, float *mean, float *variance),
    (channels, spatial, lanes, epsilon, x, gamma, beta, y, mean, variance)
)
PF_KERNEL(
    void, batch_norm_backward_training,
    (int32_t channels, int32_t spatial, int32_t lanes, float epsilon, const float *x, const float *gamma,
     const float *mean, const float *variance, const float *dy, float *dx, float *dgamma, float *dbeta),
    (channels, spatial, lanes, epsilon, x, gamma, mean, variance, dy, dx, dgamma, dbeta)
)
PF_KERNEL(
    void, batch_norm_inference,
    (int32_t channels, int32_t spatial, float epsilon, const float *x, const float *gamma,
     const float *beta, const float *mean, const float *variance, float *y),
    (channels, spatial, epsilon, x, gamma, beta, mean, variance, y)
)
PF_KERNEL(
    void, batch_norm_inference_backward,
    (int32_t channels, int32_t spatial, float epsilon, const float *x, const float *gamma,
     const float *mean, const float *variance, const float *dy, float *dx, float *dgamma, float *dbeta,
     int32_t squared),
    (channels, spatial, epsilon, x, gamma, mean, variance, dy, dx, dgamma, dbeta, squared)
)
PF_KERNEL(void, softmax_forward, (int32_t classes, const float *x, float *y), (classes, x, y))
PF_KERNEL(
    void, cross_entropy,
    (int32_t classes, int32_t lanes, const float *logits, const int32_t *labels,
     const float *teacher_logits, float temperature, float label_weight, float teacher_weight, float scale,
     float *dlogits, float *loss),
    (classes, lanes, logits, labels, teacher_logits, temperature, label_weight, teacher_weight, scale,
     dlogits, loss)
)
PF_KERNEL(
    void, adam,
    (size_t count, float *w, const float *g, float *m, float *v, float learning_rate, float beta1,
     float beta2, float epsilon, float correction1, float correction2),
    (count, w, g, m, v, learning_rate, beta1, beta2, epsilon, correction1, correction2)
)
PF_KERNEL(
    void, reduce,
    (size_t count, const float *const *partials, int32_t n, float *out),
    (count, partials, n, out)
)
PF_KERNEL(
    void, round_weights,
    (size_t count, const float *w, int32_t format, float quantum, float *out),
    (count, w, format, quantum, out)
)
PF_KERNEL(
    void, insertion_costs,
    (size_t count, const int32_t *frames, size_t stride, const float *fisher, const float *weights,
     const float *frame_fisher, const float *frame_mean, float *costs),
    (count, frames, stride, fisher, weights, frame_fisher, frame_mean, costs)
)
PF_KERNEL(
    void, single_convolution,
    (const pf_convolution *convolution, const pf_paged_weights *w, int64_t weights, int64_t scale,
     int64_t bias, const float *x, float *y, void *scratch),
    (convolution, w, weights, scale, bias, x, y, scratch)
)
PF_KERNEL(
    void, single_dense,
    (const pf_dense *dense, const pf_paged_weights *w, int64_t weights, int64_t scale, int64_t bias,
     const float *x, float *y),
    (dense, w, weights, scale, bias, x, y)
)
PF_KERNEL(
    void, single_activation,
    (int32_t activation, float alpha, float beta, size_t count, const float *x, float *y),
    (activation, alpha, beta, count, x, y)
)
PF_KERNEL(void, single_softmax, (int32_t classes, const float *x, float *y), (classes, x, y))
PF_KERNEL(
    void, single_bias,
    (int32_t channels, int32_t spatial, const pf_paged_weights *w, int64_t bias, const float *x, float *y),
    (channels, spatial, w, bias, x, y)
)
PF_KERNEL(
    void, single_batch_norm,
    (int32_t channels, int32_t spatial, float epsilon, const pf_paged_weights *w, int64_t weights,
     const float *x, float *y),
    (channels, spatial, epsilon, w, weights, x, y)
)
PF_KERNEL(void, single_max_pool, (const pf_window *window, const float *x, float *y), (window, x, y))
PF_KERNEL(void, single_average_pool, (const pf_window *window, const float *x, float *y), (window, x, y))
PF_KERNEL(
    void, single_global_average_pool,
    (int32_t channels, int32_t spatial, const float *x, float *y),
    (channels, spatial, x, y)
)
PF_KERNEL(
    void, arithmetic_forward,
    (const pf_arithmetic *arithmetic, int64_t unit, const float *x, const float *second, float *y),
    (arithmetic, unit, x, second, y)
)
PF_KERNEL(
    void, arithmetic_backward,
    (const pf_arithmetic *arithmetic, int32_t to_second, const float *x, const float *second, const float *dy,
     float *dx),
    (arithmetic, to_second, x, second, dy, dx)
)
PF_KERNEL(
    void, function_forward,
    (int32_t function, float alpha, float beta, size_t count, const float *x, float *y),
    (function, alpha, beta, count, x, y)
)
PF_KERNEL(
    void, function_backward,
    (int32_t function, float alpha, float beta, size_t count, const float *x, const float *dy, float *dx),
    (function, alpha, beta, count, x, dy, dx)
)
PF_KERNEL(
    void, parametric_relu_forward,
    (int32_t channels, int32_t spatial, const float *x, const float *slope, float *y),
    (channels, spatial, x, slope, y)
)
PF_KERNEL(
    void, parametric_relu_backward,
    (int32_t channels, int32_t spatial, const float *x, const float *slope, const float *dy, float *dx,
     float *dslope, int32_t squared),
    (channels, spatial, x, slope, dy, dx, dslope, squared)
)
PF_KERNEL(void, constant_block, (size_t count, const float *numbers, float *y), (count, numbers, y))
PF_KERNEL(
    void, softmax_axis_forward,
    (const pf_softmax_axis *softmax, const float *x, float *y),
    (softmax, x, y)
)
PF_KERNEL(
    void, softmax_axis_backward,
    (const pf_softmax_axis *softmax, const float *y, const float *dy, float *dx),
    (softmax, y, dy, dx)
)
PF_KERNEL(
    void, single_parametric_relu,
    (int32_t channels, int32_t spatial, const pf_paged_weights *w, int64_t slope, const float *x, float *y),
    (channels, spatial, w, slope, x, y)
)
PF_KERNEL(
    void, transpose_axes,
    (const pf_axis_order *order, int64_t unit, const float *x, float *y),
    (order, unit, x, y)
)
PF_KERNEL(void, slice_forward, (const pf_slice *slice, const float *x, float *y), (slice, x, y))
PF_KERNEL(void, slice_backward, (const pf_slice *slice, const float *dy, float *dx), (slice, dy, dx))
PF_KERNEL(void, resize_forward, (const pf_resize *resize, const float *x, float *y), (resize, x, y))
PF_KERNEL(void, resize_backward, (const pf_resize *resize, const float *dy, float *dx), (resize, dy, dx))
PF_KERNEL(
    void, reduce_axis_forward,
    (const pf_reduction *reduction, const float *x, float *y),
    (reduction, x, y)
)
PF_KERNEL(
    void, reduce_axis_backward,
    (const pf_reduction *reduction, const float *x, const float *y, const float *dy, float *dx),
    (reduction, x, y, dy, dx)
)
PF_KERNEL(
    void, multiply_matrices,
    (const pf_matrices *matrices, const float *x, const float *second, float *y),
    (matrices, x, second, y)
)
PF_KERNEL(
    void, single_multiply_matrices,
    (const pf_matrices *matrices, const float *x, const float *second, float *y),
    (matrices, x, second, y)
)
PF_KERNEL(
    void, embedding_forward,
    (const pf_embedding *embedding, const float *x, const float *w, float *y),
    (embedding, x, w, y)
)
PF_KERNEL(size_t, embedding_scratch, (const pf_embedding *embedding), (embedding))
PF_KERNEL(
    void, embedding_backward,
    (const pf_embedding *embedding, const float *x, const float *dy, float *dw, int32_t squared,
     void *scratch),
    (embedding, x, dy, dw, squared, scratch)
)
PF_KERNEL(
    void, single_embedding,
    (const pf_embedding *embedding, const pf_paged_weights *w, int64_t weights, int64_t scale,
     const float *x, float *y),
    (embedding, w, weights, scale, x, y)
)
PF_KERNEL(size_t, recurrent_kept, (const pf_recurrent *recurrent), (recurrent))
PF_KERNEL(size_t, recurrent_state_gradient, (const pf_recurrent *recurrent), (recurrent))
PF_KERNEL(size_t, recurrent_forward_scratch, (const pf_recurrent *recurrent), (recurrent))
PF_KERNEL(size_t, recurrent_backward_scratch, (const pf_recurrent *recurrent), (recurrent))
PF_KERNEL(
    void, recurrent_forward,
    (const pf_recurrent *recurrent, const float *x, const float *first, const float *w, const float *bias,
     float *y, void *kept, void *scratch),
    (recurrent, x, first, w, bias, y, kept, scratch)
)
PF_KERNEL(
    void, recurrent_backward,
    (const pf_recurrent *recurrent, const float *x, const float *first, const float *w, const float *y,
     void *kept, const float *dy, float *dx, float *dw, float *db, int32_t squared, void *scratch),
    (recurrent, x, first, w, y, kept, dy, dx, dw, db, squared, scratch)
)
PF_KERNEL(size_t, single_recurrent_scratch, (const pf_recurrent *recurrent), (recurrent))
PF_KERNEL(
    void, single_recurrent,
    (const pf_recurrent *recurrent, const pf_paged_weights *w, int64_t weights, int64_t scale, int64_t bias,
     const float *x, const float *first, float *y, void *scratch),
    (recurrent, w, weights, scale, bias, x, first, y, scratch)
)
PF_KERNEL(
    void, gather_weights,
    (const pf_paged_weights *w, int64_t offset, int64_t count, float *out),
    (w, offset, count, out)
)
PF_KERNEL(
    void, gather_rows,
    (const pf_paged_weights *w, int64_t offset, int64_t scale, int64_t rows, int64_t length, float *out),
    (w, offset, scale, rows, length, out)
)
PF_KERNEL(
    void, transpose_block,
    (int32_t samples, size_t features, const float *const *rows, float *block),
    (samples, features, rows, block)
)
PF_KERNEL(
    void, untranspose_block,
    (int32_t samples, size_t features, const float *block, float *const *rows),
    (samples, features, block, rows)
)
