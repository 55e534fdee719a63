/* A heap between the static data and the stack. Memory that is not there ends the program with a word: Embedded Swift would
 * go on with address 0. */

#include "board.h"

extern char board_heap_start, board_heap_end;

/* In front of what is given: the bytes of it, rounded up to the next block. */
struct block {
    size_t size;
    struct block *next;
};

static struct block *unused;
static char *top = &board_heap_start;

enum { unit = 16 };

static char *rounded(char *address, size_t alignment)
{
    return (char *)(((uintptr_t)address + alignment - 1) / alignment * alignment);
}

int posix_memalign(void **result, size_t alignment, size_t size)
{
    size = (size + unit - 1) / unit * unit;
    if (alignment <= unit) {
        /* The first that is large enough: there are few. */
        for (struct block **place = &unused; *place; place = &(*place)->next) {
            struct block *found = *place;
            if (found->size < size || found->size > 2 * size + 64) continue;
            *place = found->next;
            *result = (char *)found + unit;
            return 0;
        }
        alignment = unit;
    }
    char *start = rounded(top + unit, alignment);
    if (size > (size_t)(&board_heap_end - top) || start + size > &board_heap_end) {
        board_print("out of memory\n");
        board_exit(3);
    }
    top = start + size;
    ((struct block *)(start - unit))->size = size;
    *result = start;
    return 0;
}

void free(void *given)
{
    if (!given) return;
    struct block *block = (struct block *)((char *)given - unit);
    block->next = unused;
    unused = block;
}

size_t board_most_heap(void) { return (size_t)(top - &board_heap_start); }

/* Swift's hashing asks for a seed; there is no secret to keep on a board. */
void arc4random_buf(void *target, size_t size)
{
    for (size_t i = 0; i < size; i++) ((unsigned char *)target)[i] = (unsigned char)(i * 37 + 1);
}

uintptr_t __stack_chk_guard = 0x00C0FFEE;

void __stack_chk_fail(void)
{
    board_print("the stack is damaged\n");
    board_exit(4);
}
