/* From reset to main, for Cortex-M. The linker script says where everything lies. */

#include "board.h"

extern uint32_t board_data_source, board_data_start, board_data_end, board_bss_start, board_bss_end;
extern uint32_t board_stack_limit, board_stack_top;
extern int main(int, char **);

enum { unused_stack = 0x5EA1ED5Eu };

void reset(void);

static void fault(void)
{
    board_print("fault\n");
    board_exit(4);
}

__attribute__((section(".vectors"), used)) static const struct {
    uint32_t *stack;
    void (*handlers[15])(void);
} vectors = {
    &board_stack_top,
    {reset, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault},
};

__attribute__((noreturn, no_stack_protector)) void reset(void)
{
#if defined(__ARM_FP)
    /* The floating-point unit is off after a reset: coprocessors 10 and 11 of CPACR. */
    *(volatile uint32_t *)0xE000ED88 |= 0xFu << 20;
    __asm volatile("dsb\n isb");
#endif
    const uint32_t *from = &board_data_source;
    for (uint32_t *to = &board_data_start; to < &board_data_end;) *to++ = *from++;
    for (uint32_t *to = &board_bss_start; to < &board_bss_end;) *to++ = 0;
    uint32_t *here;
    __asm volatile("mov %0, sp" : "=r"(here));
    for (uint32_t *to = &board_stack_limit; to < here - 16;) *to++ = unused_stack;
    board_exit(main(0, 0));
}

size_t board_most_stack(void)
{
    const uint32_t *untouched = &board_stack_limit;
    while (untouched < &board_stack_top && *untouched == unused_stack) untouched++;
    return (size_t)((const char *)&board_stack_top - (const char *)untouched);
}
