// Preloaded into a program under test: its first FEW_THREADS threads start, further ones are refused, as the system
// refuses them at a limit of processes or of memory.

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <dlfcn.h>
#include <pthread.h>

extern "C" int pthread_create(pthread_t* id, const pthread_attr_t* attributes, void* (*run)(void*), void* argument) {
  static std::atomic<int> left{std::getenv("FEW_THREADS") != nullptr ? std::atoi(std::getenv("FEW_THREADS")) : 0};
  if (left.fetch_sub(1) <= 0)
    return EAGAIN;
  using create = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  static const auto real = reinterpret_cast<create>(::dlsym(RTLD_NEXT, "pthread_create"));
  return real(id, attributes, run, argument);
}
