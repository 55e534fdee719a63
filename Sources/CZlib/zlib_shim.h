// zlib for Swift: the system's header and nothing else.
#include <zlib.h>
