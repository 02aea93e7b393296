#include "actors/support/actor_base.hpp"

#include <spdlog/spdlog.h>

namespace sluice {

void log_actor_problem(const char* actor, const std::string& what) {
  spdlog::error("{}: {}", actor, what);
}

} // namespace sluice
