// Compiles the header with the package, so that a mistake in it is found here, and answers which version it
// is. The other functions are Swift: see PagefoldC.
#include "pagefold.h"

const char *pagefold_version(void) { return PAGEFOLD_VERSION; }
