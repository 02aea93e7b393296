#include "actors/support/system_config.hpp"

#include "actors/support/flight_record.hpp"
#include "messages/interfaces.hpp"

#include <caf/atom.hpp>

namespace sluice {

system_config::system_config(trace_log* trace, std::size_t scheduler_threads)
  : trace_(trace), actors_(std::make_shared<flight_recorder>()) {
  add_message_types<caf::id_block::sluice>();
  set("scheduler.policy", caf::atom("sharing"));
  set("scheduler.max-threads", scheduler_threads);
}

trace_log* trace_of(const caf::actor_system& system) noexcept {
  auto* config = dynamic_cast<const system_config*>(&system.config());
  return config != nullptr ? config->trace() : nullptr;
}

flight_recorder* recorder_of(const caf::actor_system& system) noexcept {
  auto* config = dynamic_cast<const system_config*>(&system.config());
  return config != nullptr ? config->actors().get() : nullptr;
}

} // namespace sluice
