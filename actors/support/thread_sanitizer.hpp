#pragma once

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

/// What the thread sanitizer cannot see: CAF's library is not built for it, so the atomics with which its mailboxes and
/// its scheduler hand over messages and actors order nothing in its eyes. Nothing happens in other builds.
namespace sluice {

/// All that this thread did so far happens before what another does after `acquired` of the same object.
inline void released([[maybe_unused]] const void* object) noexcept {
#ifdef __SANITIZE_THREAD__
  __tsan_release(const_cast<void*>(object));
#endif
}

inline void acquired([[maybe_unused]] const void* object) noexcept {
#ifdef __SANITIZE_THREAD__
  __tsan_acquire(const_cast<void*>(object));
#endif
}

/// For the time in which this thread alone has the object.
class held {
public:
  explicit held(const void* object) noexcept : object_(object) { acquired(object_); }
  ~held() { released(object_); }
  held(const held&) = delete;
  held& operator=(const held&) = delete;

private:
  const void* object_;
};

} // namespace sluice
