// What a page costs on each of many frames: the inner loop of the matching. Not the exact loss: that is summed in
// Double elsewhere.

/// One part of a page against one frame. f2 / (f1 + f2) stays in 0...1, so no product overflows; the smallest
/// normal number makes 0 / 0 a 0.
PF_INLINE pf_v pf_insertion_part(pf_v f1, pf_v w1, const float *frame_fisher, const float *frame_mean) {
    pf_v f2 = pf_load_unaligned(frame_fisher);
    pf_v d = w1 - pf_load_unaligned(frame_mean);
    return f1 * (f2 / (f1 + f2 + pf_splat(1.17549435e-38f))) * (d * d);
}

/// PF_WIDTH frames together, so that their sums fold into one vector; those left over one by one, folded beside
/// zeros, so that a frame costs the same wherever it stands in the list.
static void pf_set_insertion_costs(
    size_t count, const int32_t *frames, size_t stride, const float *fisher, const float *weights,
    const float *frame_fisher, const float *frame_mean, float *costs
) {
    size_t first = 0;
    for (; first + PF_WIDTH <= count; first += PF_WIDTH) {
        size_t place[PF_WIDTH];
        pf_v sums[PF_WIDTH];
        PF_UNROLL for (size_t k = 0; k < PF_WIDTH; k++) {
            place[k] = (frames ? (size_t)frames[first + k] : first + k) * stride;
            sums[k] = pf_splat(0);
        }
        for (size_t i = 0; i < stride; i += PF_WIDTH) {
            pf_v f1 = pf_load_unaligned(fisher + i), w1 = pf_load_unaligned(weights + i);
            PF_UNROLL for (int k = 0; k < PF_WIDTH; k++) {
                sums[k] += pf_insertion_part(f1, w1, frame_fisher + place[k] + i, frame_mean + place[k] + i);
            }
        }
        pf_store_unaligned(costs + first, pf_fold(sums));
    }
    for (; first < count; first++) {
        size_t place = (frames ? (size_t)frames[first] : first) * stride;
        pf_v sums[PF_WIDTH];
        PF_UNROLL for (size_t k = 0; k < PF_WIDTH; k++) sums[k] = pf_splat(0);
        for (size_t i = 0; i < stride; i += PF_WIDTH) {
            sums[0] += pf_insertion_part(
                pf_load_unaligned(fisher + i), pf_load_unaligned(weights + i), frame_fisher + place + i,
                frame_mean + place + i
            );
        }
        costs[first] = pf_fold(sums)[0];
    }
}
