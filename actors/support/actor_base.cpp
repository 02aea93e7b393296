#include "actors/support/actor_base.hpp"

#include <spdlog/spdlog.h>

namespace sluice {

std::string text_of(const std::exception_ptr& x) {
  try {
    std::rethrow_exception(x);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "unknown exception";
  }
}

void log_actor_problem(const char* actor, const std::string& what) {
  spdlog::error("{}: {}", actor, what);
}

} // namespace sluice
