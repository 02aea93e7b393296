// Preloaded into the real program (LD_PRELOAD), this loses one message between its actors, as a fault of the program
// would: `SLUICE_LOSE=page_outcome:3` the third of that type that is sent.

#include <caf/mailbox_element.hpp>
#include <caf/scheduled_actor.hpp>

#include <atomic>
#include <cstdlib>
#include <dlfcn.h>
#include <string>
#include <utility>

namespace {

constexpr const char* symbol
  = "_ZN3caf15scheduled_actor7enqueueESt10unique_ptrINS_15mailbox_elementENS_6detail8disposerEEPNS_14execution_unitE";

struct wanted_message {
  /// Name of the type as the compiler writes it; empty: nothing is lost.
  std::string type;
  long number = 0;

  wanted_message() {
    const char* text = std::getenv("SLUICE_LOSE");
    std::string wish{text != nullptr ? text : ""};
    auto colon = wish.find(':');
    if (colon == std::string::npos)
      return;
    type = "N6sluice" + std::to_string(colon) + wish.substr(0, colon) + "E";
    number = std::stol(wish.substr(colon + 1));
  }
};

bool is_lost(const caf::mailbox_element& x) {
  static const wanted_message wanted;
  static std::atomic<long> seen{0};
  const auto& content = x.content();
  if (wanted.type.empty() || content.empty())
    return false;
  const auto* type = content.type(0).second;
  return type != nullptr && wanted.type == type->name() && ++seen == wanted.number;
}

} // namespace

void caf::scheduled_actor::enqueue(mailbox_element_ptr element, execution_unit* unit) {
  using function = void (*)(caf::scheduled_actor*, mailbox_element_ptr, execution_unit*);
  static const auto next = reinterpret_cast<function>(::dlsym(RTLD_NEXT, symbol));
  if (!is_lost(*element))
    next(this, std::move(element), unit);
}
