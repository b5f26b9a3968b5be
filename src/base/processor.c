#include "base/processor.h"

#if defined(__x86_64__)
__attribute__((target("avx"), noinline)) static void zero_upper(void) {
    __builtin_ia32_vzeroupper();
}

void processor_drop_wide(void) {
    if (__builtin_cpu_supports("avx"))
        zero_upper();
}
#else
void processor_drop_wide(void) {
}
#endif
