// Pools of one sample with any window. A vector is PF_WIDTH neighbouring columns of the result whose windows lie inside
// the image; the others are computed one by one.

/// One window, cut off where the image ends.
PF_OUTLINE float pf_single_window(int is_max, const pf_window *w, const float *x, long row, long column) {
    pf_extent e = pf_extent_of(w, row, column);
    float best = -__builtin_inff(), sum = 0;
    for (long i = e.top; i < e.bottom; i++) {
        for (long j = e.left; j < e.right; j++) {
            float value = x[i * w->width_in + j];
            best = best > value ? best : value;
            sum += value;
        }
    }
    return is_max ? best : sum * e.weight;
}

/// So many rows of the windows of PF_WIDTH columns; the first begins at x.
PF_INLINE pf_v pf_single_windows(int is_max, const pf_window *w, const float *x, long rows, int stride) {
    pf_v result = pf_splat(is_max ? -__builtin_inff() : 0);
    for (long row = 0; row < rows; row++, x += w->width_in) {
        for (long k = 0; k < w->kernel_w; k++) {
            pf_v value = pf_load_unaligned(x + k);
            if (stride == 2) value = pf_evens(value, pf_load_unaligned(x + k + PF_WIDTH));
            result = is_max ? pf_max(result, value) : result + value;
        }
    }
    return result;
}

/// Columns first ..< end of a row of results by vectors. Writes up to `room` floats, but for columns that come later
/// nothing behind `end` that matters.
PF_INLINE void pf_single_pool_row(
    int is_max, const pf_window *w, const float *x, long row, long first, long end, long room, int stride, float *y
) {
    long top = row * w->stride_h - w->pad_top, bottom = pf_minimum(top + w->kernel_h, w->height_in);
    top = pf_maximum(top, 0);
    const float *from = x + top * w->width_in + first * stride - w->pad_left;
    float weight = 1.0f / (float)((bottom - top) * w->kernel_w);
    for (long i = first; i < end; i += PF_WIDTH, from += PF_WIDTH * stride) {
        pf_v value = pf_single_windows(is_max, w, from, bottom - top, stride);
        if (!is_max) value *= weight;
        if (i + PF_WIDTH <= room) pf_store_unaligned(y + i, value);
        else memcpy(y + i, &value, (size_t)pf_minimum(end - i, PF_WIDTH) * sizeof(float));
    }
}

PF_INLINE void pf_single_pool(int is_max, const pf_window *w, const float *x, float *y) {
    // Columns whose windows lie inside the image.
    long first = (w->pad_left + w->stride_w - 1) / w->stride_w, reach = w->width_in + w->pad_left - w->kernel_w;
    long end = reach < 0 ? first : pf_minimum(reach / w->stride_w + 1, w->width_out);
    if (end <= first || w->stride_w > 2) first = end = w->width_out;
    long room = (long)w->channels * w->height_out * w->width_out;
    for (long channel = 0; channel < w->channels; channel++, x += (long)w->height_in * w->width_in) {
        for (long row = 0; row < w->height_out; row++, y += w->width_out, room -= w->width_out) {
            if (w->stride_w == 1) pf_single_pool_row(is_max, w, x, row, first, end, room, 1, y);
            else pf_single_pool_row(is_max, w, x, row, first, end, room, 2, y);
            for (long i = 0; i < first; i++) y[i] = pf_single_window(is_max, w, x, row, i);
            for (long i = end; i < w->width_out; i++) y[i] = pf_single_window(is_max, w, x, row, i);
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
