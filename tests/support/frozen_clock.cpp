// Preloaded into a program under test, or into the reference: the wall clock stands still at FROZEN_CLOCK (seconds
// since 1970, six decimals at most). Clocks that only measure time run on.

#include <cstdlib>
#include <ctime>
#include <dlfcn.h>
#include <sys/time.h>

namespace {

struct moment {
  bool frozen = false;
  timespec at{};

  moment() {
    const char* text = std::getenv("FROZEN_CLOCK");
    if (text == nullptr)
      return;
    const auto microseconds = static_cast<long long>(std::strtold(text, nullptr) * 1e6L + 0.5L);
    at.tv_sec = static_cast<time_t>(microseconds / 1'000'000);
    at.tv_nsec = static_cast<long>(microseconds % 1'000'000) * 1000;
    frozen = true;
  }
};

/// Asked for before other constructors have run, too.
const moment& now() {
  static const moment result;
  return result;
}

} // namespace

extern "C" int clock_gettime(clockid_t id, timespec* out) noexcept {
  if (now().frozen && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) {
    *out = now().at;
    return 0;
  }
  using get = int (*)(clockid_t, timespec*);
  static const auto real = reinterpret_cast<get>(::dlsym(RTLD_NEXT, "clock_gettime"));
  return real(id, out);
}

extern "C" int gettimeofday(timeval* out, void*) noexcept {
  timespec at{};
  clock_gettime(CLOCK_REALTIME, &at);
  out->tv_sec = at.tv_sec;
  out->tv_usec = at.tv_nsec / 1000;
  return 0;
}

extern "C" time_t time(time_t* out) noexcept {
  timespec at{};
  clock_gettime(CLOCK_REALTIME, &at);
  if (out != nullptr)
    *out = at.tv_sec;
  return at.tv_sec;
}
