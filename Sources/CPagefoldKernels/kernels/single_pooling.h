// Pools of one sample with any window. A vector is PF_WIDTH neighbouring columns of the result: each place of the
// window adds a row of the image to a row of the result, which stays near. Nothing is read or written behind a value.

/// Columns of the result whose place of the window lies inside the image: first, and behind the last.
PF_INLINE void pf_single_columns_inside(const pf_window *w, long offset, long *first, long *end) {
    long stride = w->stride_w;
    *first = offset < 0 ? (-offset + stride - 1) / stride : 0;
    *end = pf_minimum(w->width_out, w->width_in > offset ? (w->width_in - offset - 1) / stride + 1 : 0);
}

/// Takes one row of the image, shifted and by the stride, into `end - first` columns of the result.
PF_INLINE void pf_single_pool_row(
    int is_max, const float *x, long stride, long width, long offset, long first, long end, float *y
) {
    long i = first;
    if (stride == 1) {
        for (; i + PF_WIDTH <= end; i += PF_WIDTH) {
            pf_v value = pf_load_unaligned(x + i + offset), sum = pf_load_unaligned(y + i);
            pf_store_unaligned(y + i, is_max ? pf_max(sum, value) : sum + value);
        }
    } else if (stride == 2) {
        for (; i + PF_WIDTH <= end && 2 * (i + PF_WIDTH) + offset <= width; i += PF_WIDTH) {
            const float *from = x + 2 * i + offset;
            pf_v value = pf_evens(pf_load_unaligned(from), pf_load_unaligned(from + PF_WIDTH));
            pf_v sum = pf_load_unaligned(y + i);
            pf_store_unaligned(y + i, is_max ? pf_max(sum, value) : sum + value);
        }
    }
    for (; i < end; i++) {
        float value = x[i * stride + offset];
        y[i] = is_max ? (y[i] > value ? y[i] : value) : y[i] + value;
    }
}

PF_INLINE void pf_single_pool(int is_max, const pf_window *w, const float *x, float *y) {
    for (long channel = 0; channel < w->channels; channel++, x += (long)w->height_in * w->width_in) {
        for (long row = 0; row < w->height_out; row++, y += w->width_out) {
            for (long i = 0; i < w->width_out; i++) y[i] = is_max ? -__builtin_inff() : 0;
            long top = row * w->stride_h - w->pad_top, bottom = pf_minimum(top + w->kernel_h, w->height_in);
            for (long from = pf_maximum(top, 0); from < bottom; from++) {
                for (long kx = 0; kx < w->kernel_w; kx++) {
                    long first, end, offset = kx - w->pad_left;
                    pf_single_columns_inside(w, offset, &first, &end);
                    pf_single_pool_row(
                        is_max, x + from * w->width_in, w->stride_w, w->width_in, offset, first, end, y
                    );
                }
            }
            if (is_max) continue;
            for (long i = 0; i < w->width_out; i++) y[i] *= pf_extent_of(w, row, i).weight;
        }
    }
}

static void pf_set_single_max_pool(const pf_window *w, const float *x, float *y) { pf_single_pool(1, w, x, y); }

static void pf_set_single_average_pool(const pf_window *w, const float *x, float *y) {
    pf_single_pool(0, w, x, y);
}

static void pf_set_single_global_average_pool(int32_t channels, int32_t spatial, const float *x, float *y) {
    for (long channel = 0; channel < channels; channel++, x += spatial) {
        pf_v sums = pf_splat(0);
        long i = 0;
        for (; i + PF_WIDTH <= spatial; i += PF_WIDTH) sums += pf_load_unaligned(x + i);
        float sum = 0;
        for (int lane = 0; lane < PF_WIDTH; lane++) sum += sums[lane];
        for (; i < spatial; i++) sum += x[i];
        y[channel] = sum / (float)spatial;
    }
}
