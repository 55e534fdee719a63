// A walk through weights behind a page table: where the next ones lie together in memory. What their codes mean is in
// widening.h.

/// Reads a network's flat vector in runs: up to the end of a page, of an patch, of the paged weights.
typedef struct {
    const pf_paged_weights *weights;
    long position;        // in the flat vector
    long page_end;        // where the page of `position` ends
    long entry_bit;       // of its entry in the table
    long patch, patch_start;  // the patch that comes next or is met, and where it begins
} pf_cursor;

PF_INLINE long pf_number(const void *numbers, int32_t bytes, long index) {
    return bytes == 2 ? (long)((const uint16_t *)numbers)[index] : (long)((const uint32_t *)numbers)[index];
}

/// The entry of a page table at a bit.
PF_INLINE long pf_entry(const pf_paged_weights *w, long bit) {
    uint32_t word;
    memcpy(&word, (const char *)w->table + (bit >> 3), sizeof word);
    return (word >> (bit & 7)) & ((1u << w->entry_bits) - 1);
}

PF_INLINE void pf_find_patch(pf_cursor *cursor) {
    const pf_paged_weights *w = cursor->weights;
    cursor->patch_start = cursor->patch < w->patch_count
        ? pf_number(w->patch_indices, w->patch_bytes, cursor->patch) * w->patch_size
        : INT64_MAX;
}

PF_INLINE pf_cursor pf_cursor_at(const pf_paged_weights *weights, long position) {
    long page = position / weights->page_size;
    pf_cursor cursor = {
        weights, position, (page + 1) * weights->page_size, page * weights->entry_bits, 0, INT64_MAX};
    if (weights->patch_count > 0) {
        // The first patch that ends behind the position.
        long low = 0, high = weights->patch_count;
        while (low < high) {
            long middle = (low + high) / 2;
            long block = pf_number(weights->patch_indices, weights->patch_bytes, middle);
            if ((block + 1) * weights->patch_size <= position) low = middle + 1;
            else high = middle;
        }
        cursor.patch = low;
        pf_find_patch(&cursor);
    }
    return cursor;
}

/// The weights at the cursor: where they lie, and how many together, at most `most`. The cursor is then behind them.
PF_INLINE pf_numbers pf_run(pf_cursor *cursor, long most, long *length) {
    const pf_paged_weights *w = cursor->weights;
    long position = cursor->position;
    if (position >= w->paged) {
        *length = most;
        cursor->position = position + most;
        return (pf_numbers){w->tail, position - w->paged, w->vector_format, 1};
    }
    if (position >= cursor->page_end) {
        cursor->page_end += w->page_size;
        cursor->entry_bit += w->entry_bits;
    }
    long end = pf_minimum(pf_minimum(cursor->page_end, w->paged), position + most);
    pf_numbers run;
    if (position >= cursor->patch_start) {
        long first = cursor->patch * w->patch_size + (position - cursor->patch_start);
        run = (pf_numbers){w->patch_values, first, w->vector_format, 1};
        end = pf_minimum(end, cursor->patch_start + w->patch_size);
        if (end == cursor->patch_start + w->patch_size || end == w->paged) {
            cursor->patch++;
            pf_find_patch(cursor);
        }
    } else {
        end = pf_minimum(end, cursor->patch_start);
        long entry = pf_entry(w, cursor->entry_bit);
        const pf_frames *frames = entry < w->frames ? &w->pool : &w->exclusive;
        long frame = entry < w->frames ? entry : entry - w->frames;
        run = (pf_numbers){
            (const char *)frames->codes + frame * frames->stride, position - cursor->page_end + w->page_size,
            frames->format, pf_quantum(frames, frame)};
    }
    *length = end - position;
    cursor->position = end;
    return run;
}

/// Copies the next `count` weights as float32: for those that must lie together.
PF_INLINE void pf_gather(pf_cursor *cursor, long count, float *to) {
    while (count > 0) {
        long length;
        pf_numbers run = pf_run(cursor, count, &length);
        pf_widen(&run, length, to);
        to += length;
        count -= length;
    }
}

/// The next `count` weights, in place if they are float32 and lie together, else copied to `stage`.
PF_INLINE const float *pf_row_of(pf_cursor *cursor, long count, float *stage) {
    long length;
    pf_numbers run = pf_run(cursor, count, &length);
    if (length == count && run.format == PF_FLOAT32) return (const float *)run.codes + run.first;
    pf_widen(&run, length, stage);
    pf_gather(cursor, count - length, stage + length);
    return stage;
}

/// The next `count` values of a vector that a layer may lack.
PF_INLINE void pf_vector_or(const pf_paged_weights *w, long at, long from, long count, float value, float *to) {
    if (at < 0) {
        for (long i = 0; i < count; i++) to[i] = value;
        return;
    }
    pf_cursor cursor = pf_cursor_at(w, at + from);
    pf_gather(&cursor, count, to);
}
