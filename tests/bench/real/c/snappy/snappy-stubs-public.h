// What snappy's build makes of snappy-stubs-public.h.in: without writev's vectors, which nothing
// here uses.
#ifndef REAL_SNAPPY_STUBS_PUBLIC_H
#define REAL_SNAPPY_STUBS_PUBLIC_H

#include <cstddef>

namespace snappy {
struct iovec {
  void *iov_base;
  size_t iov_len;
};
} // namespace snappy

#endif
