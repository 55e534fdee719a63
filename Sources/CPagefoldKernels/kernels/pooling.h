// Pooling of any window, for pools that are not fused into a convolution, forward beside backward.

static void pf_set_max_pool_forward(const pf_window *w, const float *x, float *y, uint16_t *argmax) {
    for (long channel = 0; channel < w->channels; channel++) {
        for (long row = 0; row < w->height_out; row++) {
            for (long column = 0; column < w->width_out; column++) {
                PF_EACH_PART(part) {
                    pf_v best = pf_splat(-__builtin_inff());
                    pf_i where = (pf_i)0 - 1;
                    for (long tap = 0; tap < (long)w->kernel_h * w->kernel_w; tap++) {
                        long from_row = row * w->stride_h - w->pad_top + tap / w->kernel_w;
                        long from_column = column * w->stride_w - w->pad_left + tap % w->kernel_w;
                        if (from_row < 0 || from_row >= w->height_in) continue;
                        if (from_column < 0 || from_column >= w->width_in) continue;
                        pf_v value = pf_load(
                            x + ((channel * w->height_in + from_row) * w->width_in + from_column) * PF_LANES
                            + part
                        );
                        // where < 0: the first value wins even when it is -infinity or not a number.
                        pf_i better = (value > best) | (where < 0);
                        best = pf_select(better, value, best);
                        where = better ? (pf_i)(int32_t)tap : where;
                    }
                    long at = ((channel * w->height_out + row) * w->width_out + column) * PF_LANES + part;
                    pf_store(y + at, best);
                    if (argmax) *(pf_h *)(argmax + at) = __builtin_convertvector(where, pf_h);
                }
            }
        }
    }
}

static void pf_set_max_pool_backward(const pf_window *w, const uint16_t *argmax, const float *dy, float *dx) {
    memset(
        dx, 0, sizeof(float) * (size_t)w->channels * (size_t)w->height_in * (size_t)w->width_in * PF_LANES
    );
    for (long channel = 0; channel < w->channels; channel++) {
        float *plane = dx + channel * w->height_in * w->width_in * PF_LANES;
        for (long row = 0; row < w->height_out; row++) {
            for (long column = 0; column < w->width_out; column++) {
                long at = ((channel * w->height_out + row) * w->width_out + column) * PF_LANES;
                for (long lane = 0; lane < PF_LANES; lane++) {
                    long tap = argmax[at + lane];
                    long to_row = row * w->stride_h - w->pad_top + tap / w->kernel_w;
                    long to_column = column * w->stride_w - w->pad_left + tap % w->kernel_w;
                    // A window that lies wholly in the padding has no maximum.
                    if (to_row < 0 || to_row >= w->height_in || to_column < 0 || to_column >= w->width_in)
                        continue;
                    plane[(to_row * w->width_in + to_column) * PF_LANES + lane] += dy[at + lane];
                }
            }
        }
    }
}

/// The part of the window at (row, column) that lies inside x.
typedef struct {
    long top, bottom, left, right;
    float weight;  // 1 / number of inputs
} pf_extent;

PF_INLINE pf_extent pf_extent_of(const pf_window *w, long row, long column) {
    pf_extent e;
    e.top = row * w->stride_h - w->pad_top;
    e.left = column * w->stride_w - w->pad_left;
    e.bottom = pf_minimum(e.top + w->kernel_h, w->height_in);
    e.right = pf_minimum(e.left + w->kernel_w, w->width_in);
    e.top = pf_maximum(e.top, 0);
    e.left = pf_maximum(e.left, 0);
    long count = pf_maximum(e.bottom - e.top, 0) * pf_maximum(e.right - e.left, 0);
    e.weight = count > 0 ? 1.0f / (float)count : 0;
    return e;
}

static void pf_set_average_pool_forward(const pf_window *w, const float *x, float *y) {
    for (long channel = 0; channel < w->channels; channel++) {
        const float *plane = x + channel * w->height_in * w->width_in * PF_LANES;
        for (long row = 0; row < w->height_out; row++) {
            for (long column = 0; column < w->width_out; column++, y += PF_LANES) {
                pf_extent e = pf_extent_of(w, row, column);
                PF_EACH_PART(part) {
                    pf_v sum = pf_splat(0);
                    for (long i = e.top; i < e.bottom; i++) {
                        for (long j = e.left; j < e.right; j++) {
                            sum += pf_load(plane + (i * w->width_in + j) * PF_LANES + part);
                        }
                    }
                    pf_store(y + part, sum * e.weight);
                }
            }
        }
    }
}

static void pf_set_average_pool_backward(const pf_window *w, const float *dy, float *dx) {
    memset(
        dx, 0, sizeof(float) * (size_t)w->channels * (size_t)w->height_in * (size_t)w->width_in * PF_LANES
    );
    for (long channel = 0; channel < w->channels; channel++) {
        float *plane = dx + channel * w->height_in * w->width_in * PF_LANES;
        for (long row = 0; row < w->height_out; row++) {
            for (long column = 0; column < w->width_out; column++, dy += PF_LANES) {
                pf_extent e = pf_extent_of(w, row, column);
                PF_EACH_PART(part) {
                    pf_v share = pf_load(dy + part) * e.weight;
                    for (long i = e.top; i < e.bottom; i++) {
                        for (long j = e.left; j < e.right; j++) {
                            float *to = plane + (i * w->width_in + j) * PF_LANES + part;
                            pf_store(to, pf_load(to) + share);
                        }
                    }
                }
            }
        }
    }
}

static void pf_set_global_average_pool_forward(int32_t channels, int32_t spatial, const float *x, float *y) {
    for (long channel = 0; channel < channels; channel++, y += PF_LANES) {
        PF_EACH_PART(part) {
            pf_v sum = pf_splat(0);
            for (long i = 0; i < spatial; i++) sum += pf_load(x + (channel * spatial + i) * PF_LANES + part);
            pf_store(y + part, sum * (1.0f / (float)spatial));
        }
    }
}

static void pf_set_global_average_pool_backward(
    int32_t channels, int32_t spatial, const float *dy, float *dx
) {
    for (long channel = 0; channel < channels; channel++, dy += PF_LANES) {
        PF_EACH_PART(part) {
            pf_v share = pf_load(dy + part) * (1.0f / (float)spatial);
            for (long i = 0; i < spatial; i++)
                pf_store(dx + (channel * spatial + i) * PF_LANES + part, share);
        }
    }
}
